using System.Globalization;
using System.Text.Json;
using Serverless.Checks;
using Serverless.Partitions;
using Serverless.Series;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Alerts;

/// <summary>
/// How often each rule would have fired on what was seen: stored signals, and for partitions from before signals were stored, the results of their checks. The signals walk
/// through the same machine as in production, in the order of their periods: what is asked is "on which days of the data", not "on which day were they loaded".
/// </summary>
internal sealed class Calibration(Workspace workspace, ISignals signals, IDatasetHistory history, IObjectStore objects) : ICalibration
{
    private const int AtOnce = 8;

    public async Task<CalibrationReport> RunAsync(DateOnly? from, DateOnly? to, CancellationToken cancel = default)
    {
        var seen = new Dictionary<string, Observation>(StringComparer.Ordinal);
        await foreach (var signal in signals.ReadAsync(DateOnly.MinValue, DateOnly.MaxValue, cancel))
        {
            // A period that was looked at again counts as it was seen last.
            var observation = Observation.Of(signal, stored: true);
            if (!seen.TryGetValue(observation.Key, out var before) || before.Signal.At <= signal.At) seen[observation.Key] = observation;
        }

        var stored = seen.Count;
        foreach (var signal in await FromHistoryAsync(cancel))
        {
            var observation = Observation.Of(signal, stored: false);
            seen.TryAdd(observation.Key, observation);
        }

        var walked = seen.Values.Where(o => (from is null || o.Day >= from) && (to is null || o.Day <= to))
            .OrderBy(o => o.Time).ThenBy(o => o.Signal.Sequence, StringComparer.Ordinal).ToArray();
        return Walk(workspace.Alerts, walked, from, to);
    }

    internal static CalibrationReport Walk(AlertSettings settings, IReadOnlyList<Observation> observations, DateOnly? from, DateOnly? to)
    {
        var rules = settings.Rules.ToDictionary(r => r.Name, r => new Tally(), StringComparer.Ordinal);
        var alerts = new Dictionary<string, Alert>(StringComparer.Ordinal);
        foreach (var observation in observations)
        {
            if (settings.Rules.FirstOrDefault(r => AlertRules.Takes(r, observation.Signal)) is not { } rule) continue;
            var tally = rules[rule.Name];
            tally.Looks++;
            if (observation.Signal.Bad) tally.Bad++;
            if (AlertRules.For(settings, observation.Signal) is null) continue;
            var signal = observation.Signal with { At = observation.Time };
            var id = AlertMachine.Id(rule, signal);
            var before = alerts.GetValueOrDefault(id);
            if (AlertMachine.Apply(before, rule, signal, observation.Time) is not { } after) continue;
            after = AlertMachine.Plan(after, rule, settings, observation.Time);
            alerts[id] = after;
            if (after.Episodes > (before?.Episodes ?? 0)) tally.Fire(id, after, observation.Day);
            if (after.NotifiedAt != before?.NotifiedAt) tally.Told++;
        }

        return new CalibrationReport
        {
            From = from ?? (observations.Count > 0 ? observations.Min(o => o.Day) : null),
            To = to ?? (observations.Count > 0 ? observations.Max(o => o.Day) : null),
            Days = observations.Select(o => o.Day).Distinct().Count(),
            Signals = observations.Count(o => o.Stored),
            FromHistory = observations.Count(o => !o.Stored),
            Rules = [.. settings.Rules.Select(r => rules[r.Name].Report(r))],
            Untaken = observations.Count(o => o.Signal.Bad && !settings.Rules.Any(r => AlertRules.Takes(r, o.Signal))),
        };
    }

    private async Task<IReadOnlyList<Signal>> FromHistoryAsync(CancellationToken cancel)
    {
        var found = new List<Signal>();
        foreach (var dataset in workspace.Datasets.Keys)
        {
            var partitions = await history.PartitionsAsync(dataset, null, cancel);
            var signals = new IReadOnlyList<Signal>[partitions.Count];
            await Parallel.ForAsync(0, partitions.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (i, stop) =>
            {
                signals[i] = await ReadAsync(dataset, partitions[i], stop);
            });
            found.AddRange(signals.SelectMany(s => s));
        }

        return found;
    }

    private async Task<IReadOnlyList<Signal>> ReadAsync(string dataset, PartitionRecord partition, CancellationToken cancel)
    {
        var key = Path.ChangeExtension(partition.Entry.Path, ".checks.json");
        if (await objects.OpenReadAsync(key, cancel) is not { } stream) return [];
        await using (stream)
        {
            var checks = await JsonSerializer.DeserializeAsync<PartitionChecks>(stream, ServerlessJson.Options, cancel);
            return [.. (checks?.Checks ?? []).Where(c => c.Outcome != Outcome.NotApplicable).Select(c => Signal(dataset, partition, c))];
        }
    }

    private static Signal Signal(string dataset, PartitionRecord partition, CheckResult check) => new()
    {
        Kind = SignalKind.Check, Subject = dataset, Name = check.Metric ?? MetricName.Of(check.Check, check.Column is { } column ? [column] : []), Period = partition.Key, Bad = check.Outcome != Outcome.Passed,
        Severity = check.Severity, Value = check.Value, Expectation = check.Expectation, Message = check.Message ?? check.Expectation, At = partition.WrittenAt, Run = partition.Commit.Run,
    };

    private sealed class Tally
    {
        private readonly SortedDictionary<DateOnly, int> days = [];
        private readonly SortedDictionary<string, (string Title, int Fired)> alerts = new(StringComparer.Ordinal);

        public int Looks { get; set; }

        public int Bad { get; set; }

        public int Told { get; set; }

        public void Fire(string id, Alert alert, DateOnly day)
        {
            days[day] = days.GetValueOrDefault(day) + 1;
            alerts[id] = (AlertText.Title(alert), alerts.GetValueOrDefault(id).Fired + 1);
        }

        public CalibratedRule Report(AlertRule rule) => new()
        {
            Rule = rule.Name, Muted = rule.Mute, Looks = Looks, Bad = Bad, Fired = days.Values.Sum(), Told = Told,
            Days = [.. days.Select(d => new FiredDay(d.Key, d.Value))],
            Alerts = [.. alerts.Select(a => new FiredAlert(a.Key, a.Value.Title, a.Value.Fired)).OrderByDescending(a => a.Fired)],
        };
    }
}

/// <summary>A signal on the day of the data that it is about.</summary>
/// <param name="Time">End of its period, else when it was seen.</param>
internal sealed record Observation(Signal Signal, DateOnly Day, DateTimeOffset Time, bool Stored)
{
    /// <summary>The same for the same thing looked at again.</summary>
    public string Key { get; } = Signal.Period is { } period ? string.Join('\u001f', Signal.Kind, Signal.Subject, Signal.Name, period) : Signal.Sequence + Signal.Subject;

    public static Observation Of(Signal signal, bool stored)
    {
        // A window ends with the period behind its dots.
        var period = signal.Period is { } p && p.LastIndexOf("..", StringComparison.Ordinal) is >= 0 and var dots ? p[(dots + 2)..] : signal.Period;
        foreach (var (format, end) in Formats)
        {
            if (DateTime.TryParseExact(period, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var start))
            {
                return new Observation(signal, DateOnly.FromDateTime(start), new DateTimeOffset(end(start), TimeSpan.Zero), stored);
            }
        }

        return new Observation(signal, DateOnly.FromDateTime(signal.At.UtcDateTime), signal.At, stored);
    }

    private static readonly (string Format, Func<DateTime, DateTime> End)[] Formats =
        [("yyyy-MM-dd", t => t.AddDays(1)), ("yyyy-MM-dd'T'HH", t => t.AddHours(1)), ("yyyy-MM", t => t.AddMonths(1))];
}
