using Serverless.Datasets;
using Serverless.Features;

namespace Serverless.Explanations;

/// <summary>
/// The game whose players are the raw columns: of a coalition the columns are those of the row to be explained, all others those of a background row; features are
/// computed from the mixed row by the model's own plan. So contributions are those of what a user sent, however columns were cut into features or joined in one.
/// </summary>
internal sealed class ColumnGame
{
    /// <summary>A feature over more columns has too many mixtures to try them all.</summary>
    public const int MostColumnsOfOneFeature = 8;

    public ColumnGame(FeaturePlan plan)
    {
        Plan = plan;
        SlotColumns = SlotColumnsOf(plan);
        Single = [.. SlotColumns.Select(c => c.Length == 1 ? c[0] : -1)];
        Mixtures = [.. SlotColumns.Select((columns, slot) => (columns, slot)).Where(s => s.columns.Length > 1)
            .GroupBy(s => string.Join(',', s.columns)).Select(g => new Mixture(g.First().columns, [.. g.Select(s => s.slot)]))];
        MixtureOf = new int[SlotColumns.Length];
        Array.Fill(MixtureOf, -1);
        for (var m = 0; m < Mixtures.Length; m++) foreach (var slot in Mixtures[m].Slots) MixtureOf[slot] = m;
    }

    public FeaturePlan Plan { get; }

    public int Players => Plan.Schema.Columns.Count;

    public int Slots => SlotColumns.Length;

    /// <summary>For each slot the raw columns that it reads, ascending.</summary>
    public int[][] SlotColumns { get; }

    /// <summary>For each slot its only column; -1 when it reads several or none.</summary>
    public int[] Single { get; }

    /// <summary>Slots over the same several columns.</summary>
    public Mixture[] Mixtures { get; }

    /// <summary>For each slot its place in <see cref="Mixtures"/>; -1 when it reads at most one column.</summary>
    public int[] MixtureOf { get; }

    /// <summary>Exact values need all mixtures of a feature's columns.</summary>
    public bool Enumerable => System.Linq.Enumerable.All(Mixtures, m => m.Columns.Length <= MostColumnsOfOneFeature);

    /// <summary>Copies one column's value.</summary>
    public static void Copy(RawRow from, RawRow to, int column)
    {
        to.Numbers[column] = from.Numbers[column];
        to.Ticks[column] = from.Ticks[column];
        to.Texts[column] = from.Texts[column];
        to.Present[column] = from.Present[column];
    }

    /// <summary>
    /// The values of every slot over several columns for every mixture of <paramref name="row"/> and <paramref name="other"/>: <c>values[m][mask * slots + i]</c>, where bit j of the mask
    /// says that column j of the mixture comes from <paramref name="row"/>.
    /// </summary>
    public void Mix(RawRow row, RawRow other, RawRow scratch, Span<float> features, float[][] values)
    {
        for (var m = 0; m < Mixtures.Length; m++)
        {
            var mixture = Mixtures[m];
            for (var mask = 0; mask < 1 << mixture.Columns.Length; mask++)
            {
                for (var column = 0; column < Players; column++) Copy(other, scratch, column);
                for (var j = 0; j < mixture.Columns.Length; j++) if ((mask >> j & 1) != 0) Copy(row, scratch, mixture.Columns[j]);
                Plan.Fill(scratch, features);
                for (var i = 0; i < mixture.Slots.Length; i++) values[m][mask * mixture.Slots.Length + i] = features[mixture.Slots[i]];
            }
        }
    }

    public float[][] NewMixtureValues() => [.. Mixtures.Select(m => new float[m.Slots.Length << m.Columns.Length])];

    /// <summary>Shares what a slot was given among its columns: equally, which is the Owen value where a feature is known only when all its columns are.</summary>
    public void ShareSlots(ReadOnlySpan<double> slots, Span<double> columns)
    {
        for (var s = 0; s < slots.Length; s++)
        {
            foreach (var column in SlotColumns[s]) columns[column] += slots[s] / SlotColumns[s].Length;
        }
    }

    private static int[][] SlotColumnsOf(FeaturePlan plan) =>
        [.. plan.Slots.Select(s => plan.ColumnsOf(s.Feature).Select(plan.Schema.Slot).Order().ToArray())];

    /// <param name="Columns">Ascending.</param>
    internal sealed record Mixture(int[] Columns, int[] Slots)
    {
        /// <summary>Place of a slot within <see cref="Slots"/>.</summary>
        public int Place(int slot) => Array.IndexOf(Slots, slot);

    }
}
