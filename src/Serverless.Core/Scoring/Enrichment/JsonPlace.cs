using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serverless.Scoring.Enrichment;

/// <summary>A place in a JSON document: names with dots between them, <c>[n]</c> for the n-th of a list from 0.</summary>
public static partial class JsonPlace
{
    public static bool IsPlace(string text) => Whole().IsMatch(text);

    /// <summary>The value there, or null when there is none.</summary>
    public static JsonElement? Find(JsonElement root, string place)
    {
        var at = root;
        foreach (Match step in Step().Matches(place))
        {
            if (step.Groups[1].Success)
            {
                var index = int.Parse(step.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                if (at.ValueKind != JsonValueKind.Array || index >= at.GetArrayLength()) return null;
                at = at[index];
            }
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(step.Groups[2].Value, out at)) return null;
        }

        return at;
    }

    [GeneratedRegex(@"^(\[[0-9]{1,6}\]|[^.\[\]]+)(\.[^.\[\]]+|\[[0-9]{1,6}\])*$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\[([0-9]{1,6})\]|([^.\[\]]+)")]
    private static partial Regex Step();
}
