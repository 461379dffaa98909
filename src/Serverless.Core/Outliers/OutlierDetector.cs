using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Datasets;
using Serverless.Scoring;

namespace Serverless.Outliers;

/// <summary>Tells how unusual a row is for a version. Immutable, so any number of threads may ask; a row that is like the others allocates nothing.</summary>
public sealed class OutlierDetector
{
    private readonly (int Slot, ColumnRange Range)[] ranges;
    private readonly (int Slot, bool Truth, ColumnCategories Of)[] categories;
    private readonly CategoryPair[] pairs;
    private readonly IsolationForest? forest;

    public OutlierDetector(OutlierDocument document, IReadOnlyList<RawColumn> inputs)
    {
        Document = document;
        int Slot(string column) => Enumerable.Range(0, inputs.Count).FirstOrDefault(i => inputs[i].Name == column, -1) is >= 0 and var at ? at : throw new InvalidDataException($"{OutlierDocument.FileName} has a column '{column}', which the model does not read");
        ranges = [.. document.Ranges.Select(r => (Slot(r.Column), r))];
        categories = [.. document.Categories.Select(c => (Slot(c.Column), inputs[Slot(c.Column)].Type == ColumnType.Boolean, c))];
        pairs = [.. document.Pairs];
        if (pairs.Any(p => p.First < 0 || p.First >= categories.Length || p.Second < 0 || p.Second >= categories.Length)) throw new InvalidDataException($"{OutlierDocument.FileName} has a pair of columns that it does not have");
        if (document.Forest is not { } f) return;
        forest = new IsolationForest(f.Features, f.Cuts, f.Children, f.Roots, f.Sample);
        if (forest.Width > f.Input.Width) throw new InvalidDataException($"{OutlierDocument.FileName}: the forest wants {forest.Width} values, and has {f.Input.Width}");
    }

    public OutlierDocument Document { get; }

    /// <param name="row">In the slots of the model's inputs.</param>
    /// <param name="features">As the model's features were filled for the row.</param>
    public OutlierNote Judge(RawRow row, ReadOnlySpan<float> features)
    {
        List<string>? reasons = null;
        foreach (var (slot, range) in ranges)
        {
            if (row.Present[slot] && range.Judge(row.Numbers[slot]) is { } reason) (reasons ??= []).Add(reason);
        }

        if (categories.Length > 0) Categories(row, ref reasons);
        var (score, threshold) = (double.NaN, double.NaN);
        if (forest is not null)
        {
            (score, threshold) = (Score(features), Document.Forest!.Threshold);
            if (score > threshold) (reasons ??= []).Add(string.Create(CultureInfo.InvariantCulture, $"the values together are unusual: score {score:0.000}, above the {threshold:0.000} that {Document.Contamination:0.##%} of the training rows exceed"));
        }

        return new OutlierNote(true, score, threshold, reasons is null ? null : Json(reasons));
    }

    /// <summary>The forest's score of a row; NaN where there is no forest.</summary>
    public double Score(ReadOnlySpan<float> features)
    {
        if (forest is null) return double.NaN;
        Span<float> values = stackalloc float[ForestInput.MostSlots];
        Document.Forest!.Input.Fill(features, values);
        return forest.Score(values);
    }

    private void Categories(RawRow row, ref List<string>? reasons)
    {
        Span<int> found = categories.Length <= 128 ? stackalloc int[categories.Length] : new int[categories.Length];
        for (var i = 0; i < categories.Length; i++)
        {
            var (slot, truth, of) = categories[i];
            found[i] = -1;
            if (!row.Present[slot]) continue;
            var value = truth ? row.Numbers[slot] != 0 ? "true" : "false" : row.Texts[slot]!;
            found[i] = of.Find(value);
            if (of.Judge(value, found[i], Document.Rare) is { } reason) (reasons ??= []).Add(reason);
        }

        foreach (var pair in pairs)
        {
            var (a, b) = (found[pair.First], found[pair.Second]);
            if (a >= 0 && b >= 0 && pair.Judge(categories[pair.First].Of, a, categories[pair.Second].Of, b, Document.Rows) is { } reason) (reasons ??= []).Add(reason);
        }
    }

    private static string Json(List<string> reasons)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var reason in reasons) json.WriteStringValue(reason);
            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
