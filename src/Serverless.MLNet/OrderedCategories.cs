using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.MLNet;

/// <summary>
/// Categories in the order of their mean label, as one number instead of a 0/1 column each: for squared error the best set of categories to split off is a beginning or an end of that order
/// (Fisher, JASA 53, 1958; Breiman et al. 1984, 9.4). Means are drawn to that of all rows where a category has few. A slot that asks for 0/1 columns keeps them.
/// </summary>
internal sealed class OrderedCategories
{
    /// <summary>Rows of the mean of all that each category is given besides its own.</summary>
    private const double Prior = 10;

    private readonly IReadOnlyList<FeatureSlot> slots;
    private readonly int[]?[] places;

    private OrderedCategories(IReadOnlyList<FeatureSlot> slots, int[]?[] places, TrainingSet set) => (this.slots, this.places, Set) = (slots, places, set);

    /// <summary>The set with a number in each ordered slot.</summary>
    public TrainingSet Set { get; }

    public static OrderedCategories Of(TrainingSet set)
    {
        var slots = set.Features.Slots;
        var places = slots.Select((s, i) => s is { IsCategory: true, OneHot: false } ? Order(set, i) : null).ToArray();
        if (Array.TrueForAll(places, p => p is null)) return new OrderedCategories(slots, places, set);
        var values = (float[])set.Features.Values.Clone();
        for (var s = 0; s < slots.Count; s++)
        {
            if (places[s] is not { } place) continue;
            for (var at = s; at < values.Length; at += slots.Count) values[at] = place[Index(values[at], slots[s].Cardinality)];
        }

        FeatureSlot[] numbers = [.. slots.Select((s, i) => places[i] is null ? s : s with { Cardinality = 0 })];
        return new OrderedCategories(slots, places, set with { Features = set.Features with { Values = values, Slots = numbers } });
    }

    /// <summary>A predictor of the ordered set as one of the categories themselves. What a missing category adds goes to the bias, so that one that was never seen is answered as one that is missing.</summary>
    public AdditivePredictor Restore(AdditivePredictor ordered)
    {
        var biases = ordered.Biases.ToArray();
        var shapes = ordered.Shapes.Select(shape =>
        {
            if (places[shape.Slot] is not { } place) return shape;
            var cardinality = slots[shape.Slot].Cardinality;
            var missing = place[cardinality] < 0 ? 0 : shape.Effect(place[cardinality]);
            biases[shape.Output] += missing;
            return new AdditiveShape(shape.Output, shape.Slot, null, [.. Enumerable.Range(0, cardinality).Select(c => place[c] < 0 ? 0 : shape.Effect(place[c]) - missing)]);
        }).ToArray();
        return new AdditivePredictor(biases, shapes, ordered.Link);
    }

    // By category its place among those with rows, -1 for one without; the last is that of missing ones.
    private static int[] Order(TrainingSet set, int slot)
    {
        var cardinality = set.Features.Slots[slot].Cardinality;
        var (sums, counts, all) = (new double[cardinality + 1], new int[cardinality + 1], set.Labels.Average(l => (double)l));
        for (var r = 0; r < set.Features.Rows; r++)
        {
            var index = Index(set.Features.Row(r)[slot], cardinality);
            sums[index] += set.Labels[r];
            counts[index]++;
        }

        var places = new int[cardinality + 1];
        Array.Fill(places, -1);
        var next = 0;
        foreach (var c in Enumerable.Range(0, cardinality + 1).Where(c => counts[c] > 0).OrderBy(c => (sums[c] + Prior * all) / (counts[c] + Prior)).ThenBy(c => c)) places[c] = next++;
        return places;
    }

    private static int Index(float value, int cardinality) => float.IsNaN(value) ? cardinality : (int)value;
}
