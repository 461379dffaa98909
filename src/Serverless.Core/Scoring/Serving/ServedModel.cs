using System.Text.Json;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>A loaded version as it answers requests. Immutable, so a request that holds it is not touched by a swap.</summary>
public sealed class ServedModel
{
    private readonly ScratchPool pool;
    private readonly FeatureViews.Online.OnlineLookups? lookups;
    private readonly RawSchema schema;
    private readonly int[] lookedUp;

    internal ServedModel(IScoringPipeline pipeline, string role, IReadOnlyCollection<string> otherColumns, FeatureViews.Online.OnlineLookups? lookups = null)
    {
        Pipeline = pipeline;
        Role = role;
        Inputs = new InputTable(pipeline.Schema.Inputs, otherColumns);
        (EncodedName, EncodedRole) = (JsonEncodedText.Encode(pipeline.Model), JsonEncodedText.Encode(role));
        EncodedVersion = JsonEncodedText.Encode(pipeline.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Answers = new AnswerShape(pipeline.Schema);
        lookedUp = [.. pipeline.Schema.Inputs.Select((c, i) => c.Lookup is null ? -1 : i).Where(i => i >= 0)];
        // A model without lookups does no work for them.
        this.lookups = lookedUp.Length == 0 ? null : lookups;
        schema = new RawSchema(pipeline.Schema.Inputs);
        Outliers = (pipeline as ScoringPipeline)?.Outliers;
        pool = new ScratchPool(pipeline.Schema);
    }

    public IScoringPipeline Pipeline { get; }

    public string Name => Pipeline.Model;

    public int Version => Pipeline.Version;

    public ModelSchema Schema => Pipeline.Schema;

    /// <summary>champion, challenger, ...</summary>
    public string Role { get; }

    /// <summary><see cref="Name"/>, ready for JSON.</summary>
    public JsonEncodedText EncodedName { get; }

    /// <summary><see cref="Role"/>, ready for JSON.</summary>
    public JsonEncodedText EncodedRole { get; }

    /// <summary><see cref="Version"/> as text, ready for JSON.</summary>
    public JsonEncodedText EncodedVersion { get; }

    public InputTable Inputs { get; }

    public AnswerShape Answers { get; }

    /// <summary>Null where the model does not look for outliers.</summary>
    public Outliers.OutlierDetector? Outliers { get; }

    /// <summary>Who answers which row; null for a model without segments.</summary>
    public Segments.SegmentRouter? Segments { get; internal init; }

    /// <summary>Of the model's segments that which this version answers; null for a model without.</summary>
    public string? Segment { get; internal init; }

    /// <summary>Answers wait until they are recorded (<c>predictionLog: durable</c>).</summary>
    public bool Durable { get; internal init; }

    /// <summary>Null where nothing comes from an HTTP source.</summary>
    internal Enrichment.RowEnrichment? Enrichment { get; init; }

    /// <summary>Fills what is looked up and the request did not give; true when there is anything of the kind.</summary>
    internal bool Complete(Scratch scratch)
    {
        if (lookups is null) return Enrichment is not null;
        lookups.Fill(scratch.Row, scratch.Seen, schema, lookedUp);
        return true;
    }

    /// <summary>The model looks values up, in views or over HTTP, that a row does not bring.</summary>
    public bool LooksUp => lookups is not null || Enrichment is not null;

    /// <summary>
    /// Brings what the rows will look up into memory, all at once, so that reading them waits for nothing. A body that is no request brings nothing: whoever reads it says why.
    /// </summary>
    /// <param name="body">As <see cref="RequestReader.Read"/> takes it.</param>
    /// <param name="most">Rows that are looked at.</param>
    public ValueTask FetchAsync(ReadOnlySpan<byte> body, int most, CancellationToken cancel = default)
    {
        if (!LooksUp) return default;
        List<Task>? fetched = null;
        foreach (var (by, (wanted, addresses)) in LookupKeys.Find(body, this, most))
        {
            if (wanted.Count > 0) (fetched ??= []).Add(by.lookups!.FetchAsync(wanted, cancel));
            if (addresses.Count > 0) (fetched ??= []).Add(by.Enrichment!.FetchAsync(addresses, cancel));
        }

        return fetched is null ? default : new ValueTask(Task.WhenAll(fetched));
    }

    /// <summary>Adds what such a row will look up and what is not in memory.</summary>
    internal void Want(Scratch scratch, HashSet<(string Source, string Key)> wanted, HashSet<string> addresses)
    {
        lookups?.Want(scratch.Row, scratch.Seen, schema, lookedUp, wanted);
        Enrichment?.Want(scratch, addresses);
    }

    public Scratch Rent() => pool.Rent();

    public void Return(Scratch scratch) => pool.Return(scratch);
}

/// <summary>What scoring one row needs, used again by the next request.</summary>
public sealed class Scratch(ModelSchema schema)
{
    public RawRow Row { get; } = new(schema.Inputs.Count);

    /// <summary>Slots that the request named in the present row.</summary>
    public bool[] Seen { get; } = new bool[schema.Inputs.Count];

    public float[] Features { get; } = new float[schema.FeatureCount];

    public double[] Outputs { get; } = new double[schema.Outputs];

    public void Begin()
    {
        Row.Clear();
        Array.Clear(Seen);
    }
}

internal sealed class ScratchPool(ModelSchema schema)
{
    private const int Kept = 64;

    private readonly System.Collections.Concurrent.ConcurrentBag<Scratch> free = [];

    // Counted beside the bag, whose own Count stops every thread that uses it.
    private int count;

    public Scratch Rent()
    {
        if (!free.TryTake(out var scratch)) return new Scratch(schema);
        Interlocked.Decrement(ref count);
        return scratch;
    }

    public void Return(Scratch scratch)
    {
        if (Interlocked.Increment(ref count) <= Kept) free.Add(scratch);
        else Interlocked.Decrement(ref count);
    }
}
