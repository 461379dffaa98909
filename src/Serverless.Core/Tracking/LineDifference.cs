namespace Serverless.Tracking;

/// <summary>Lines that only one of two texts has, in order, by their longest common subsequence. For files of a few hundred lines.</summary>
internal static class LineDifference
{
    public static IReadOnlyList<string> Of(string left, string right)
    {
        var (a, b) = (Split(left), Split(right));
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--) common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var found = new List<string>();
        var (x, y) = (0, 0);
        while (x < a.Length || y < b.Length)
        {
            if (x < a.Length && y < b.Length && a[x] == b[y]) (x, y) = (x + 1, y + 1);
            else if (x < a.Length && (y == b.Length || common[x + 1, y] >= common[x, y + 1])) found.Add("- " + a[x++]);
            else found.Add("+ " + b[y++]);
        }

        return found;
    }

    private static string[] Split(string text) => text.Length == 0 ? [] : text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
