using System.Globalization;

namespace Serverless.Scoring.Predictors;

/// <summary>
/// Reads LightGBM's text model (src/io/tree.cpp and gbdt_model_text.cpp, version 4): binary with sigmoid, multiclass softmax, regression without transformation and with the logarithm as link.
/// </summary>
internal static class LightGbmText
{
    private static readonly HashSet<string> PlainRegression = new(StringComparer.Ordinal) { "regression", "regression_l1", "huber", "fair", "quantile", "mape" };

    public static TreeEnsemble Parse(string text)
    {
        try
        {
            return Read(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"the LightGBM model is damaged: {e.Message}", e);
        }
    }

    private static TreeEnsemble Read(string text)
    {
        var lines = text.AsSpan().EnumerateLines();
        if (!lines.MoveNext() || !lines.Current.SequenceEqual("tree")) throw new InvalidDataException("this is not a LightGBM text model: the first line should be 'tree'");
        var (perIteration, columns, highest, objective) = (1, Array.Empty<(int, int)>(), -1, "");
        TreeEnsembleBuilder? builder = null;
        LightGbmTree? tree = null;
        var ended = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("Tree="))
            {
                builder ??= Begin(perIteration, objective);
                if (columns.Length == 0) columns = [.. Enumerable.Range(0, highest + 1).Select(i => (i, -1))];
                tree?.AddTo(builder, columns);
                tree = new LightGbmTree(int.Parse(line[5..], CultureInfo.InvariantCulture));
                continue;
            }

            if (line.SequenceEqual("end of trees"))
            {
                ended = true;
                break;
            }

            var equals = line.IndexOf('=');
            if (tree is not null)
            {
                if (equals > 0) tree.Read(line[..equals], line[(equals + 1)..]);
                continue;
            }

            if (line.SequenceEqual("average_output")) throw new InvalidDataException("the LightGBM model is a random forest (average_output), which is not supported; train with boosting=gbdt");
            if (equals <= 0) continue;
            var value = line[(equals + 1)..];
            switch (line[..equals])
            {
                case "num_tree_per_iteration": perIteration = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "max_feature_idx": highest = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "objective": objective = value.ToString(); break;
                case LightGbmSlots.Key: columns = LightGbmSlots.Columns(value); break;
            }
        }

        if (!ended) throw new InvalidDataException("the LightGBM model is cut off: 'end of trees' is missing");
        builder ??= Begin(perIteration, objective);
        tree?.AddTo(builder, columns);
        return builder.Build();
    }

    private static TreeEnsembleBuilder Begin(int perIteration, string objective)
    {
        var words = objective.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = words.FirstOrDefault() ?? "";
        var builder = new TreeEnsembleBuilder(perIteration);
        if (name == "binary")
        {
            builder.Link = Link.Sigmoid;
            builder.Slope = words.FirstOrDefault(w => w.StartsWith("sigmoid:", StringComparison.Ordinal)) is { } sigmoid
                ? double.Parse(sigmoid.AsSpan(8), CultureInfo.InvariantCulture) : 1;
        }
        else if (name == "multiclass")
        {
            builder.Link = Link.Softmax;
        }
        else if (name is "poisson" or "gamma" or "tweedie")
        {
            builder.Link = Link.Exp;
        }
        else if (!PlainRegression.Contains(name) || words.Contains("sqrt"))
        {
            throw new InvalidDataException($"the LightGBM model has objective '{objective}', which is not supported; supported are binary, multiclass and regression");
        }

        return builder;
    }
}
