using Serverless.Training;

namespace Serverless.Scoring.Predictors;

/// <summary>
/// The line that says which of LightGBM's columns are one slot of ours: <c>serverless_slots=n c229 h380</c>, for a number, a native category and a category of 380 0/1
/// columns. LightGBM ignores header keys that it does not know.
/// </summary>
public static class LightGbmSlots
{
    public const string Key = "serverless_slots";

    public static string Line(IEnumerable<FeatureSlot> slots) =>
        $"{Key}={string.Join(' ', slots.Select(s => !s.IsCategory ? "n" : FormattableString.Invariant($"{(s.OneHot ? 'h' : 'c')}{s.Cardinality}")))}";

    /// <summary>For each of LightGBM's columns the slot, and the category where it is a 0/1 column (-1 otherwise).</summary>
    internal static (int Slot, int Category)[] Columns(ReadOnlySpan<char> value)
    {
        var columns = new List<(int, int)>();
        var slot = 0;
        foreach (var range in value.Split(' '))
        {
            var word = value[range].Trim();
            if (word.IsEmpty) continue;
            if (word[0] == 'h')
            {
                for (var category = 0; category < int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture); category++) columns.Add((slot, category));
            }
            else
            {
                columns.Add((slot, -1));
            }

            slot++;
        }

        return [.. columns];
    }
}
