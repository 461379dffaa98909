using System.Globalization;

namespace Serverless.Workspaces;

/// <summary>Durations as workspace files write them: a whole number and a unit, w d h m s.</summary>
public static class Durations
{
    // A hundred years: longer is a slip, and would overflow dates.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36525);

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text == "0") return true;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
        var seconds = text[^1] switch { 'w' => 604_800L, 'd' => 86_400L, 'h' => 3_600L, 'm' => 60L, 's' => 1L, _ => 0L } * count;
        value = TimeSpan.FromSeconds(Math.Min(seconds, (long)Longest.TotalSeconds + 1));
        return value <= Longest && text[^1] is 'w' or 'd' or 'h' or 'm' or 's';
    }

    /// <summary>As a file would write it: the largest unit that divides it.</summary>
    public static string Text(TimeSpan value)
    {
        var seconds = (long)value.TotalSeconds;
        var (unit, length) = new[] { ('w', 604_800L), ('d', 86_400L), ('h', 3_600L), ('m', 60L), ('s', 1L) }.First(u => seconds % u.Item2 == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds / length}{unit}");
    }
}
