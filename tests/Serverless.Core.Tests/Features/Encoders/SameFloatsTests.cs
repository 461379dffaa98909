using System.Text;
using System.Text.Json;
using CsCheck;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.Models;
using Serverless.Scoring;
using static Serverless.Core.Tests.Features.Encoders.EncoderFixture;

namespace Serverless.Core.Tests.Features.Encoders;

/// <summary>No skew: whichever way a row comes, every encoder gives the same floats, bit by bit.</summary>
public sealed class SameFloatsTests
{
    /// <summary>Every encoder with every setting, at least once.</summary>
    internal static readonly string[] Everything =
    [
        "hour: date.Hour", "plain: distance", "log: { from: distance, log: signed, scale: robust, missing: median, indicator: true }", "balance: { from: balance, scale: min-max, missing: -1 }",
        "frequent: { from: balance, missing: most-frequent, scale: standard }", "ratio: balance / distance", "origin: origin", "first: { from: \"origin.Substring(0, 1)\", encode: one-hot, missing: category }",
        "weekday: { from: int(date.DayOfWeek), encode: category, missing: most-frequent, indicator: true }", "hash: { from: notes, encode: hash, buckets: 64 }",
        "hashed: { from: distance, encode: hash, missing: category }", "edges: { from: distance, encode: bins, edges: [-5, 0, 5e3] }", "bins: { from: balance, bins: 10, missing: category }",
        "cycle: { from: date.Month, encode: cyclic }", "angle: { from: distance, encode: cyclic, period: 360, indicator: true }", "time: { from: date, encode: cyclic, period: [hour, day, week, month, year] }",
        "words: { from: notes, encode: text, ngrams: 2, buckets: 16 }", "grams: { from: notes, encode: text, by: character, ngrams: [2, 4], buckets: 32, weight: tf-idf, indicator: true }",
        "terms: { from: notes, encode: text, ngrams: 2, vocabulary: 20, weight: tf-idf }", "both: { from: 'origin + \" \" + notes', encode: hash }", "weekend: weekend",
    ];

    private static readonly Gen<string?> GenText = Gen.Frequency(
        (1, Gen.Const((string?)null)), (1, Gen.Const((string?)"")), (4, Any<string?>("ATL", "JFK", "late again", "Late, late: LATE!", "ß İstanbul ǅ", "👍🏽 北京 हिन्दी", "\u0000\"\\\u2028")),
        (2, Gen.String[0, 30].Select(t => (string?)Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(t)))));

    private static readonly Gen<double?> GenNumber = Gen.Frequency(
        (1, Gen.Const((double?)null)), (1, Any<double?>(double.NaN, 0.0, -0.0, 1e300, -1e300, 1e-320, 3.4028235e38, 5e3, -5)), (4, Gen.Double[-3000, 3000].Select(d => (double?)d)));

    private static readonly Gen<long?> GenWhole = Gen.Frequency(
        (1, Gen.Const((long?)null)), (1, Any<long?>(0L, long.MaxValue, long.MinValue, 1L << 53)), (4, Gen.Long[-50, 50].Select(l => (long?)l)));

    // Microseconds: what a partition holds.
    private static readonly Gen<long> GenTime = Gen.Long[DateTime.MinValue.Ticks / 10, DateTime.MaxValue.Ticks / 10].Select(t => t * 10);

    private static readonly Gen<Row[]> GenRows = Gen.Select(GenTime, GenNumber, GenText, Gen.Int[0, 2], GenText, GenWhole)
        .Select(r => new Row(r.Item1, r.Item2, r.Item3, r.Item4 == 2 ? null : r.Item4 == 1, r.Item5, r.Item6)).Array[1, 60];

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void AllPaths_RandomRows_GiveTheSameBits() => Gen.Select(GenRows, GenRows, Gen.Bool).Sample((seen, later, trees) =>
    {
        // One row with everything, so that no feature is without a value.
        Row[] train = [new Row(new DateTime(2001, 1, 5, 13, 30, 0).Ticks, 850.5, "JFK", true, "late again", 3), .. seen];
        var plan = Fit(ToTable(train), trees ? Trees : Linear, Everything);
        Row[] rows = [.. train, .. later];
        var table = ToTable(rows);
        var training = plan.Transform(table, [.. Enumerable.Range(0, rows.Length)]);
        var stored = Reload(plan);
        var pipeline = new Recording(stored);
        BatchScorer.Outputs(pipeline, table);
        var batch = new Dictionary<string, float[]>(pipeline.Seen);
        var served = new ServedModel(pipeline, "champion", []);
        var request = new PredictionRequest();
        for (var i = 0; i < rows.Length; i++)
        {
            var expected = Bits(training.Row(i));
            Bits(batch[Key(rows[i], plan.Schema)]).ShouldBe(expected);
            pipeline.Seen.Clear();
            RequestReader.Read(rows[i].ToJson(plan.Schema), served, request, new RequestLimits());
            request.Errors.ShouldBeNull();
            Bits(pipeline.Seen.Single().Value).ShouldBe(expected);
        }
    }, iter: 25, seed: "0000000000001");

    // Fitted on stretches of rows that are merged in their order: one core or many, the same state.
    [Fact]
    public async Task Fit_OneCoreOrMany_IsTheSame()
    {
        var table = ToTable([.. Big(70_000)]);
        var rows = Enumerable.Range(0, table.Rows).ToArray();
        var model = Fixture.Model(Parse(Everything));
        string Fit() => Json(FeatureFitting.Fit(model, Schema, Linear, table, rows));
        var many = Fit();
        // A scheduler of one thread, on which Parallel.For has nobody to share with.
        var single = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, 1).ExclusiveScheduler;
        (await Task.Factory.StartNew(Fit, CancellationToken.None, TaskCreationOptions.None, single)).ShouldBe(many);
        Fit().ShouldBe(many);
    }

    // Whatever the holdout holds, what was learned stays the same.
    [Fact]
    public void Fit_OtherHoldoutValues_ChangeNothing()
    {
        var rows = Big(3_000).ToArray();
        Row[] spoiled = [.. rows.Take(2_000), .. rows.Skip(2_000).Select(r => r with { Distance = 1e6, Balance = -999_999, Origin = "NEW", Notes = "words never seen before", Time = 0 })];
        var train = Enumerable.Range(0, 2_000).ToArray();
        Json(EncoderFixture.Fit(ToTable(spoiled), train, Trees, Everything)).ShouldBe(Json(EncoderFixture.Fit(ToTable(rows), train, Trees, Everything)));
        Json(EncoderFixture.Fit(ToTable(spoiled), Trees, Everything)).ShouldNotBe(Json(EncoderFixture.Fit(ToTable(rows), Trees, Everything)));
    }

    [Fact]
    public void Fill_SteadyState_DoesNotAllocate()
    {
        var table = ToTable([.. Big(2_000)]);
        // An expression that makes text has to make it; everything else, text encoders included, works on what is there.
        var plan = Fit(table, Trees, [.. Everything.Where(f => !f.StartsWith("both", StringComparison.Ordinal) && !f.StartsWith("first", StringComparison.Ordinal))]);
        var (loader, row, features) = (new RowLoader(table, plan.Schema), plan.Schema.NewRow(), new float[plan.Slots.Count]);
        void All()
        {
            for (var i = 0; i < table.Rows; i++)
            {
                loader.Load(i, row);
                plan.Fill(row, features);
            }
        }

        All();
        var before = GC.GetAllocatedBytesForCurrentThread();
        All();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2_000); // not even a byte a row: rented buffers may be made anew once
    }

    private static IEnumerable<Row> Big(int count)
    {
        var random = new Random(3);
        string[] words = ["late", "Again", "snow", "crew", "ärger", "2nd", "gate", "北京"];
        for (var i = 0; i < count; i++)
        {
            yield return new Row(new DateTime(2001, 1, 1).Ticks + i * TimeSpan.TicksPerMinute, i % 7 == 0 ? null : random.NextDouble() * 3000 - 100, i % 11 == 0 ? null : ((char)('A' + random.Next(26))).ToString(),
                random.Next(2) == 0, i % 5 == 0 ? null : string.Join(' ', Enumerable.Range(0, random.Next(6)).Select(_ => words[random.Next(words.Length)])), random.Next(-50, 1000));
        }
    }

    private static FeaturePlan Reload(FeaturePlan plan)
    {
        var document = new PipelineDocument { Model = "late", Task = TaskKind.Regression, Label = "x", Classes = [], Features = plan.State, Predictor = "constant" };
        var text = JsonSerializer.Serialize(document, PipelineJson.Instance.PipelineDocument);
        using var json = JsonDocument.Parse(text);
        var read = PipelineReader.Read(json.RootElement, "pipeline.json");
        JsonSerializer.Serialize(read, PipelineJson.Instance.PipelineDocument).ShouldBe(text);
        return new FeaturePlan(read.Features);
    }

    private static string Json(FeaturePlan plan) => JsonSerializer.Serialize(plan.State, ServerlessJson.Options);

    private static int[] Bits(ReadOnlySpan<float> floats)
    {
        var bits = new int[floats.Length];
        for (var i = 0; i < bits.Length; i++) bits[i] = BitConverter.SingleToInt32Bits(floats[i]);
        return bits;
    }

    private static string Key(Row row, RawSchema schema) => Encoding.UTF8.GetString(row.ToJson(schema));

    private static Table ToTable(Row[] rows)
    {
        StringColumn Strings(string name, Func<Row, string?> of) => (StringColumn)Texts(name, [.. rows.Select(of)])[name];
        return new Table(rows.Length,
        [
            new TimestampColumn("date", [.. rows.Select(r => r.Time)], null),
            new NumberColumn("distance", [.. rows.Select(r => r.Distance ?? 0)], [.. rows.Select(r => r.Distance is null)]),
            Strings("origin", r => r.Origin),
            new BooleanColumn("weekend", [.. rows.Select(r => r.Weekend ?? false)], [.. rows.Select(r => r.Weekend is null)]),
            Strings("notes", r => r.Notes),
            new IntegerColumn("balance", [.. rows.Select(r => r.Balance ?? 0)], [.. rows.Select(r => r.Balance is null)]),
        ]);
    }

    internal sealed record Row(long Time, double? Distance, string? Origin, bool? Weekend, string? Notes, long? Balance)
    {
        /// <summary>A request of this one row. A number that is not finite cannot be sent: it is missing.</summary>
        public byte[] ToJson(RawSchema schema)
        {
            var values = new Dictionary<string, object?>
            {
                ["date"] = new DateTime(Time, DateTimeKind.Utc), ["distance"] = Distance is { } d && double.IsFinite(d) ? d : null, ["origin"] = Origin, ["weekend"] = Weekend, ["notes"] = Notes,
                ["balance"] = Balance,
            };
            return JsonSerializer.SerializeToUtf8Bytes(new { rows = new[] { values.Where(v => schema.Slot(v.Key) >= 0).ToDictionary() } });
        }
    }

    /// <summary>Keeps the floats of every row that is scored, by the row.</summary>
    private sealed class Recording(FeaturePlan plan) : IScoringPipeline
    {
        public Dictionary<string, float[]> Seen { get; } = [];

        public string Model => "late";

        public int Version => 1;

        public ModelSchema Schema { get; } = new() { Task = TaskKind.Regression, Inputs = plan.State.Inputs, Classes = [], FeatureCount = plan.State.SlotCount() };

        public void Score(RawRow row, Span<float> features, Span<double> outputs)
        {
            plan.Fill(row, features);
            outputs.Clear();
            var raw = new Row(0, null, null, null, null, null);
            for (var slot = 0; slot < plan.Schema.Columns.Count; slot++)
            {
                if (!row.Present[slot]) continue;
                raw = plan.Schema.Columns[slot].Name switch
                {
                    "date" => raw with { Time = row.Ticks[slot] },
                    "distance" => raw with { Distance = row.Numbers[slot] },
                    "origin" => raw with { Origin = row.Texts[slot] },
                    "weekend" => raw with { Weekend = row.Numbers[slot] != 0 },
                    "notes" => raw with { Notes = row.Texts[slot] },
                    _ => raw with { Balance = row.Ticks[slot] },
                };
            }

            lock (Seen) Seen[Key(raw, plan.Schema)] = features.ToArray();
        }
    }
}
