using System.Globalization;

namespace Serverless.Scoring.Predictors;

/// <summary>One "Tree=" section of LightGBM's text.</summary>
internal sealed class LightGbmTree(int index)
{
    private const int CategoricalMask = 1;
    private const int DefaultLeftMask = 2;

    private int leafCount;
    private int[] slots = [];
    private int[] decisions = [];
    private int[] left = [];
    private int[] right = [];
    private double[] thresholds = [];
    private double[] leaves = [];
    private int[] boundaries = [];
    private uint[] sets = [];

    public void Read(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        switch (key)
        {
            case "num_leaves": leafCount = int.Parse(value, CultureInfo.InvariantCulture); break;
            case "split_feature": slots = Numbers<int>(value); break;
            case "decision_type": decisions = Numbers<int>(value); break;
            case "left_child": left = Numbers<int>(value); break;
            case "right_child": right = Numbers<int>(value); break;
            case "threshold": thresholds = Doubles(value); break;
            case "leaf_value": leaves = Doubles(value); break;
            case "cat_boundaries": boundaries = Numbers<int>(value); break;
            case "cat_threshold": sets = Numbers<uint>(value); break;
            case "is_linear" when value.Trim() is not "0":
                throw new InvalidDataException("the LightGBM model has linear trees (linear_tree), which are not supported");
        }
    }

    public void AddTo(TreeEnsembleBuilder builder, (int Slot, int Category)[] columns)
    {
        var splits = leafCount - 1;
        if (leafCount < 1 || leaves.Length != leafCount || (splits > 0 && new[] { slots.Length, decisions.Length, left.Length, right.Length, thresholds.Length }.Any(n => n != splits)))
        {
            throw new InvalidDataException($"tree {index} of the LightGBM model is damaged: its lists do not have the length that num_leaves={leafCount} asks for");
        }

        var (node, leaf) = (builder.NextNode, builder.NextLeaf);
        foreach (var value in leaves) builder.AddLeaf(value);
        int Child(int child) => child >= 0 ? child + node : ~(~child + leaf);
        for (var i = 0; i < splits; i++) AddSplit(builder, columns[slots[i]], i, Child(left[i]), Child(right[i]));
        builder.AddTree(splits == 0 ? ~leaf : node);
    }

    private void AddSplit(TreeEnsembleBuilder builder, (int Slot, int Category) column, int i, int leftChild, int rightChild)
    {
        var (threshold, defaultLeft, missing) = (thresholds[i], (decisions[i] & DefaultLeftMask) != 0, (decisions[i] >> 2) & 3);
        if ((decisions[i] & CategoricalMask) != 0)
        {
            var set = (int)threshold;
            builder.AddCategories(column.Slot, sets.AsSpan(boundaries[set]..boundaries[set + 1]), leftChild, rightChild);
        }
        else if (column.Category >= 0)
        {
            // A 0/1 column: where does 1 go, and where 0?
            int Side(double x) => (missing == 1 && x == 0 ? defaultLeft : x <= threshold) ? leftChild : rightChild;
            builder.AddCategory(column.Slot, column.Category, Side(1), Side(0));
        }
        else if (missing == 1)
        {
            builder.AddZeroMissing(column.Slot, threshold, defaultLeft, leftChild, rightChild);
        }
        else
        {
            // Without missing values in training, LightGBM reads NaN as zero.
            builder.AddNumber(column.Slot, threshold, missing == 2 ? defaultLeft : 0 <= threshold, leftChild, rightChild);
        }
    }

    // LightGBM writes the threshold that parts missing values from all others as C++ does: inf.
    private static double[] Doubles(ReadOnlySpan<char> value) =>
        value.Contains("inf", StringComparison.Ordinal)
            ? Numbers<double>(value.ToString().Replace("inf", "Infinity", StringComparison.Ordinal))
            : Numbers<double>(value);

    private static T[] Numbers<T>(ReadOnlySpan<char> value) where T : ISpanParsable<T>
    {
        value = value.Trim();
        if (value.IsEmpty) return [];
        var numbers = new T[value.Count(' ') + 1];
        var i = 0;
        foreach (var range in value.Split(' ')) numbers[i++] = T.Parse(value[range], CultureInfo.InvariantCulture);
        return numbers;
    }
}
