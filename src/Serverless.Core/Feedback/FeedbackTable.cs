using System.Globalization;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;

namespace Serverless.Feedback;

/// <summary>Feedback as a file: CSV, JSON Lines or Parquet, plain or gzip, a row for each item, columns named as the fields of the API.</summary>
public static class FeedbackTable
{
    private static readonly string[] Columns = ["predictionId", "key", "actual", "time", "seen", "used", "opinion", "comment"];

    /// <param name="path">The file on this machine.</param>
    /// <param name="name">Its name, whose extension says what it is.</param>
    /// <param name="rejected">Gets the rows that cannot be read.</param>
    /// <exception cref="DataException">It has no column that names predictions, or none that says anything of them; or it cannot be read.</exception>
    public static async Task<IReadOnlyList<FeedbackItem?>> ReadAsync(IDataEngine engine, string path, string name, string model, List<RejectedFeedback> rejected, CancellationToken cancel)
    {
        string[] there = [.. (await engine.ReadDetectedAsync(path, name, cancel)).Columns.Select(c => c.Name)];
        string[] found = [.. Columns.Where(c => there.Contains(c))];
        if (!found.Contains("predictionId") && !found.Contains("key")) throw new DataException($"'{name}' has neither a column 'predictionId' nor 'key', so nobody knows which predictions it is about{Near(["predictionId", "key"], there)}");
        if (!found.Any(c => c is "actual" or "seen" or "used" or "opinion" or "comment")) throw new DataException($"'{name}' says nothing about predictions: it has none of the columns actual, seen, used, opinion, comment{Near(["actual", "seen", "used", "opinion", "comment"], there)}");
        // As text: a key such as 0017 keeps its zeros.
        var table = await engine.ReadFileAsync(path, name, [.. found.Select(c => new RawColumn(c, ColumnType.String, false))], cancel);
        var texts = found.ToDictionary(c => c, c => (StringColumn)table[c], StringComparer.Ordinal);
        var items = new FeedbackItem?[table.Rows];
        for (var i = 0; i < items.Length; i++) items[i] = Row(i, c => texts.TryGetValue(c, out var column) && column[i] is { Length: > 0 } text ? text : null, model, rejected);
        return items;
    }

    private static FeedbackItem? Row(int row, Func<string, string?> cell, string model, List<RejectedFeedback> rejected)
    {
        FeedbackItem? Bad(string field, string reason)
        {
            rejected.Add(new RejectedFeedback(row, string.Create(CultureInfo.InvariantCulture, $"items[{row}].{field}"), reason, cell("predictionId"), cell("key")));
            return null;
        }

        bool? seen = null, used = null;
        if (cell("seen") is { } s && (seen = Truth(s)) is null) return Bad("seen", $"expected true or false, not '{s}'");
        if (cell("used") is { } u && (used = Truth(u)) is null) return Bad("used", $"expected true or false, not '{u}'");
        DateTimeOffset? time = null;
        if (cell("time") is { } t)
        {
            if (!DateTimeOffset.TryParse(t, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)) return Bad("time", $"expected a time such as 2001-06-30T18:05:00Z, not '{t}'");
            time = at;
        }

        foreach (var (field, most) in new[] { ("predictionId", FeedbackItems.MaxId), ("key", FeedbackItems.MaxKey), ("opinion", FeedbackItems.MaxOpinion), ("comment", FeedbackItems.MaxComment) })
        {
            if (cell(field)?.Length > most) return Bad(field, string.Create(CultureInfo.InvariantCulture, $"at most {most} characters, not {cell(field)!.Length}"));
        }

        return new FeedbackItem
        {
            Model = model, PredictionId = cell("predictionId"), Key = cell("key"), Time = time, Seen = seen, Used = used, Opinion = cell("opinion"), Comment = cell("comment"),
            Actual = cell("actual") is { } actual ? JsonSerializer.SerializeToElement(actual) : null,
        };
    }

    private static bool? Truth(string text) => text.Trim().ToLowerInvariant() switch { "true" or "1" or "yes" => true, "false" or "0" or "no" => false, _ => null };

    private static string Near(string[] wanted, string[] there) =>
        there.Select(t => (Column: t, Close: Suggest.Closest(t.Replace("_", "", StringComparison.Ordinal), wanted))).FirstOrDefault(t => t.Close is not null) is { Close: { } close } near
            ? $". It has '{near.Column}': did you mean '{close}'?" : $". Its columns: {string.Join(", ", there.Take(20))}.";
}
