using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Datasets;
using Serverless.FeatureViews.Online;
using Serverless.Local;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Training;
using Serverless.Workspaces;

namespace Serverless.DuckDb.Tests.History;

/// <summary>
/// A training, a batch and a request of the same row at the same time look up the same value: through the real runs, on random histories with times to live, created times, windows, empty keys,
/// duplicates and equal times, in keys of every type and any text.
/// </summary>
public sealed class SameValuesTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] People = ["a", "", "A", "é\"x", "x\u001fy", "007", "7", "8", "6", "true", "long text that does not fit into a cell", "日本"];
    private static readonly string[] LookedUp = ["value", "label", "mean", "events", "newest", "many", "before", "just_before", "lately", "trips_lately"];

    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider time = new(Start);

    [Theory, InlineData(1), InlineData(3)]
    public async Task LookedUp_TrainingBatchAndRequest_AreEqual(int seed)
    {
        var random = new Random(seed);
        using var services = Open(random);
        T Get<T>() where T : notnull => services.GetRequiredService<T>();
        await IngestAsync(Get<IDropInbox>(), Get<IRunEngine>(), "events", Events(random));
        await IngestAsync(Get<IDropInbox>(), Get<IRunEngine>(), "trips", Trips(random));

        // As if the data had been there from the beginning: what counts is the time of a row.
        await EndAsync(Get<IRunEngine>(), await Get<IRunEngine>().StartAsync(new TrainState { Model = "trip", Reason = "test", By = "test" }));
        var training = await ReadAsync(Get<IObjectStore>(), Get<IDataEngine>(), (await Get<IModelRegistry>().FindAsync("trip", 1))!.Reference!.Path);
        var scored = await EndAsync(Get<IRunEngine>(), await Get<IRunEngine>().StartAsync(new ScoreState { Model = "trip", By = "test" }));
        var batch = await ReadAsync(Get<IObjectStore>(), Get<IDataEngine>(), $"runs/{scored.Id}/predictions.parquet");
        training.Count.ShouldBe(120);
        batch.Keys.Order().ShouldBe(training.Keys.Order());

        var schema = new RawSchema((await Get<IModelRegistry>().LoadAsync("trip", 1)).Schema.Inputs);
        int[] slots = [.. LookedUp.Select(schema.Slot)];
        foreach (var moment in training.Values.GroupBy(r => r.At).OrderBy(g => g.Key))
        {
            time.SetUtcNow(new DateTimeOffset(moment.Key, TimeSpan.Zero));
            foreach (var source in Get<OnlineSources>().Names) await EndAsync(Get<IRunEngine>(), await Get<IRunEngine>().StartAsync(new MaterialiseState { Source = source, By = "test", Reason = "test" }));
            var lookups = new OnlineLookups(Get<OnlineTable>(), time);
            foreach (var row in moment)
            {
                var asked = schema.NewRow();
                asked.SetText(schema.Slot("who"), row.Who);
                if (row.Size is { } size) asked.SetInteger(schema.Slot("size"), size);
                if (row.Vip is { } vip) asked.SetBoolean(schema.Slot("vip"), vip);
                lookups.Fill(asked, new bool[schema.Columns.Count], schema, slots);
                string?[] online = [.. slots.Select(s => !asked.Present[s] ? null : schema.Columns[s].Type switch
                {
                    ColumnType.String => asked.Texts[s], ColumnType.Number => Text(asked.Numbers[s]), ColumnType.Boolean => asked.Numbers[s] != 0 ? "true" : "false", _ => asked.Ticks[s].ToString(CultureInfo.InvariantCulture),
                })];
                online.ShouldBe(row.Values, $"online and training, row {row.Id}");
                batch[row.Id].Values.ShouldBe(row.Values, $"batch and training, row {row.Id}");
            }
        }

        foreach (var (name, i) in LookedUp.Select((n, i) => (n, i))) training.Values.Count(r => r.Values[i] is not null).ShouldBeInRange(3, 117, name);
    }

    private ServiceProvider Open(Random random)
    {
        var hours = random.Next(3, 40);
        folder.Write("serverless.yaml", "name: trips\n");
        folder.Write("datasets/events.yaml", """
            dataset: events
            partition: { column: at, grain: day }
            columns: { at: { type: timestamp, required: true }, known: timestamp, person: string, size: integer, vip: boolean, value: number, label: string }
            """);
        folder.Write("datasets/trips.yaml", """
            dataset: trips
            partition: { column: at, grain: day }
            columns: { id: { type: integer, required: true }, at: { type: timestamp, required: true }, who: string, size: integer, vip: boolean, minutes: number }
            """);
        // Text, whole number and boolean keys; with a created time, and a key that a model has in another type.
        folder.Write("features/newest.yaml", $$"""
            view: newest
            dataset: events
            keys: [person, vip]
            time: at
            created: known
            ttl: {{hours}}h
            sql: SELECT person, vip, "at", known, value, label FROM data
            columns: { value: number, label: string }
            """);
        folder.Write("features/by-person.yaml", $$"""
            view: by-person
            dataset: events
            keys: [person]
            time: at
            created: known
            ttl: {{random.Next(12, 30)}}h
            features:
              mean: { aggregate: mean, column: value, over: {{random.Next(1, 30)}}h }
              events: { aggregate: count, over: {{random.Next(1, 30)}}h }
              newest: { aggregate: last, column: label }
            """);
        folder.Write("features/by-size.yaml", """
            view: by-size
            dataset: events
            keys: [size]
            time: at
            ttl: 20h
            features:
              many: { aggregate: rate, condition: "value > 5", over: 12h }
            """);
        folder.Write("models/trip.yaml", $$"""
            model: trip
            task: regression
            dataset: trips
            label: minutes
            features:
              id: id
              value: { view: newest, on: { person: who, vip: vip } }
              label: { view: newest, on: { person: who, vip: vip } }
              mean: { view: by-person, on: { person: who } }
              events: { view: by-person, on: { person: size } }
              newest: { view: by-person, on: { person: who } }
              many: { view: by-size, on: { size: size } }
              before: { lag: minutes, by: [who, vip], after: {{random.Next(1, 20)}}h }
              just_before: { lag: minutes, by: size, after: 1h }
              lately: { rolling: mean, of: minutes, by: [size], over: {{random.Next(12, 30)}}h, gap: 1h }
              trips_lately: { rolling: count, of: minutes, by: who, over: 20h }
            trainer: { name: baseline }
            holdout: 1d
            gate: { metric: rmse, max: 1000 }
            """);
        var draft = WorkspaceLoader.Read(folder.Path);
        draft.Problems.ShouldBeEmpty();
        return new ServiceCollection().AddSingleton<TimeProvider>(time).AddServerless(draft.Workspace).AddLocalStorage(folder[".serverless"]).AddDuckDb().BuildServiceProvider();
    }

    private static string Events(Random random)
    {
        var csv = new StringBuilder("at,known,person,size,vip,value,label\n");
        for (var i = 0; i < 400; i++)
        {
            var hour = random.Next(0, 72);
            var known = random.Next(4) == 0 ? "" : At(hour + random.Next(-3, 6));
            var line = $"{At(hour)},{known},{Cell(random, () => Quoted(People[random.Next(People.Length)]))},{Cell(random, () => N(random.Next(6, 9)))},{Cell(random, () => random.Next(2) == 0 ? "true" : "false")},{Cell(random, () => N(random.Next(100) / 8.0))},{Cell(random, () => Quoted(People[random.Next(2, People.Length)]))}\n";
            csv.Append(line);
            if (random.Next(10) == 0) csv.Append(line);
        }

        return csv.ToString();
    }

    // At few moments, on the hour as the events are, so that rows meet every border exactly.
    private static string Trips(Random random)
    {
        var csv = new StringBuilder("id,at,who,size,vip,minutes\n");
        int[] hours = [24, .. Enumerable.Range(1, 4).Select(i => 24 + (i * 7) + random.Next(7))];
        for (var i = 0; i < 120; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{i},{At(hours[i % hours.Length])},{Cell(random, () => Quoted(People[random.Next(People.Length)]))},{Cell(random, () => N(random.Next(6, 9)))},{Cell(random, () => random.Next(2) == 0 ? "true" : "false")},{N(random.Next(60) / 4.0)}\n");
        }

        return csv.ToString();
    }

    private static string At(int hour) => Start.AddHours(hour).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Cell(Random random, Func<string> value) => random.Next(9) == 0 ? "" : value();

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string N(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    // Windows are summed in an order of their own: the last bits may differ.
    private static string Text(double value) => value.ToString("G10", CultureInfo.InvariantCulture);

    private static async Task IngestAsync(IDropInbox inbox, IRunEngine engine, string dataset, string csv) =>
        await EndAsync(engine, await inbox.PutAsync(dataset, dataset + ".csv", new MemoryStream(Encoding.UTF8.GetBytes(csv)), "test"));

    private static async Task<RunRecord> EndAsync(IRunEngine engine, string id)
    {
        var run = await engine.DriveAsync(id);
        run.Status.ShouldBe(RunStatus.Done, $"{id}: {run.Reason} {run.Data.GetRawText()}");
        return run;
    }

    private static async Task<Dictionary<long, LookedRow>> ReadAsync(IObjectStore objects, IDataEngine engine, string key)
    {
        using var local = await objects.MaterialiseAsync(key);
        ColumnType TypeOf(string name) => name is "label" or "newest" ? ColumnType.String : name is "events" or "trips_lately" ? ColumnType.Integer : ColumnType.Number;
        var table = await engine.ReadAsync([local.Path],
        [
            new() { Name = "id", Type = ColumnType.Integer }, new() { Name = "at", Type = ColumnType.Timestamp }, new() { Name = "who", Type = ColumnType.String }, new() { Name = "size", Type = ColumnType.Integer },
            new() { Name = "vip", Type = ColumnType.Boolean }, .. LookedUp.Select(n => new ColumnDefinition { Name = n, Type = TypeOf(n) }),
        ]);
        return Enumerable.Range(0, table.Rows).Select(i => new LookedRow(
            ((IntegerColumn)table["id"]).Values[i], new DateTime(((TimestampColumn)table["at"]).Ticks[i], DateTimeKind.Utc), ((StringColumn)table["who"])[i],
            table["size"].IsMissing(i) ? null : ((IntegerColumn)table["size"]).Values[i], table["vip"].IsMissing(i) ? null : ((BooleanColumn)table["vip"]).Values[i],
            [.. LookedUp.Select(n => table[n].IsMissing(i) ? null : table[n] switch { StringColumn s => s[i], IntegerColumn n1 => N(n1.Values[i]), NumberColumn n2 => Text(n2.Values[i]), _ => null })])).ToDictionary(r => r.Id);
    }

    private sealed record LookedRow(long Id, DateTime At, string? Who, long? Size, bool? Vip, string?[] Values);

    public void Dispose() => folder.Dispose();
}
