namespace Serverless.Scoring;

/// <summary>A request that was read and scored: where each row stands in the body, and its outputs. Used again by later requests.</summary>
public sealed class PredictionRequest
{
    private readonly List<(int Start, int Length)> rows = [];
    private double[] outputs = new double[16];
    private int width;
    private LookedUpValues? lookedUp;
    private List<OutlierNote>? outliers;
    private List<ServedModel>? by;
    private Dictionary<int, IReadOnlyList<string>>? fallbacks;

    public int Count => rows.Count;

    public string? Subject { get; internal set; }

    internal IReadOnlyList<string?>? Keys { get; set; }

    /// <summary>The caller's own name for the prediction of a row, under which feedback may speak of it; null when it gave none.</summary>
    public string? Key(int row) => Keys?[row];

    /// <summary>Each answer is to be explained.</summary>
    public bool Explain { get; internal set; }

    /// <summary>Of the explanation's sentence; null = the caller did not say.</summary>
    public string? Language { get; internal set; }

    /// <summary>Groups of the subject; null = the caller named none.</summary>
    public IReadOnlyList<string>? Groups { get; internal set; }

    /// <summary>The model had no finite answer for a row: the values may be out of all reason, or the model is.</summary>
    public bool NotFinite { get; internal set; }

    /// <summary>Null when all is well.</summary>
    public FieldErrors? Errors { get; private set; }

    /// <summary>The request holds more rows than the limit: reading stopped there.</summary>
    public bool TooManyRows { get; internal set; }

    public ReadOnlySpan<double> Outputs(int row) => outputs.AsSpan(row * width, width);

    /// <summary>The row as it was sent.</summary>
    public ReadOnlySpan<byte> Sent(int row, ReadOnlySpan<byte> body) => body.Slice(rows[row].Start, rows[row].Length);

    /// <summary>Values that were looked up because the row did not bring them, a JSON object; empty when there are none.</summary>
    public ReadOnlySpan<byte> LookedUp(int row) => lookedUp is null ? default : lookedUp.Of(row);

    /// <summary>Notes what was looked up for the row that was added last.</summary>
    internal void NoteLookedUp(Scratch scratch, ServedModel model, IReadOnlyList<string>? missed = null)
    {
        (lookedUp ??= new LookedUpValues()).Add(rows.Count - 1, scratch, model, missed);
        if (missed is not null) (fallbacks ??= [])[rows.Count - 1] = missed;
    }

    /// <summary>Columns that enrichment was to bring and did not: they hold their fallback, or are missing. Null when there are none.</summary>
    public IReadOnlyList<string>? Fallbacks(int row) => fallbacks?.GetValueOrDefault(row);

    /// <summary>Who answered a row: the version of its segment, or the one that was asked.</summary>
    public ServedModel By(int row, ServedModel asked) => by is { Count: > 0 } ? by[row] : asked;

    /// <summary>Of the row that was added last.</summary>
    internal void NoteSegment(ServedModel version) => (by ??= []).Add(version);

    /// <summary>How unusual a row is; default where the version was not asked.</summary>
    public OutlierNote Outlier(int row) => outliers is not null && row < outliers.Count ? outliers[row] : default;

    /// <summary>Of the row that was added last.</summary>
    internal void NoteOutlier(in OutlierNote note)
    {
        outliers ??= [];
        while (outliers.Count < rows.Count - 1) outliers.Add(default);
        outliers.Add(note);
    }

    /// <summary>Nothing was read.</summary>
    public void Forget() => Reset(width);

    internal void Reset(int outputsPerRow)
    {
        rows.Clear();
        lookedUp?.Clear();
        outliers?.Clear();
        by?.Clear();
        fallbacks?.Clear();
        width = outputsPerRow;
        (Subject, Keys, Explain, Language, Groups, NotFinite) = (null, null, false, null, null, false);
        Errors = null;
        TooManyRows = false;
        if (outputs.Length > 1_000_000) outputs = new double[16];
    }

    internal Span<double> Add(int start, int length)
    {
        rows.Add((start, length));
        var needed = rows.Count * width;
        if (needed > outputs.Length) Array.Resize(ref outputs, Math.Max(needed, outputs.Length * 2));
        return outputs.AsSpan((rows.Count - 1) * width, width);
    }

    internal void Fail(string field, string message, RequestLimits limits) => (Errors ??= new FieldErrors(limits.MaxErrors)).Add(field, message);
}
