using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Workspaces;

namespace Serverless.Arrival;

/// <summary>
/// Decides, period by period and in their order, whether the data came on time, late or not at all. An event is kept before it is published and published before the
/// state moves on, so a process that dies in between says nothing twice and leaves nothing out.
/// </summary>
internal sealed class ArrivalWatch(Workspace workspace, IDatasetHistory history, ArrivalRecords records, ISignals signals, TimeProvider time) : IArrivals
{
    /// <summary>After a long stop only so many periods are decided one by one.</summary>
    internal const int MostPeriods = 31;

    // A clock that is put back by less makes the watch wait; by more, it was wrong before.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    public Task<IReadOnlyList<ArrivalEvent>> ListAsync(string dataset, CancellationToken cancel = default) => records.ListAsync(workspace.Dataset(dataset).Name, cancel);

    public async Task<ArrivalState?> LookAsync(string dataset, CancellationToken cancel = default)
    {
        var definition = workspace.Dataset(dataset);
        if (definition.Arrival is not { } arrival) return null;
        var now = time.GetUtcNow();
        var calendar = new ArrivalCalendar(arrival, definition.Partition);
        var found = await records.FindAsync(dataset, cancel);
        var before = found?.State ?? new ArrivalState { Dataset = dataset, FirstSeen = now, Next = calendar.FirstDueAfter(now).Start };
        var stored = new StoredData(await history.CommitsAsync(dataset, cancel), calendar);
        var look = new Look(definition, arrival, calendar, stored, now, signals, records, cancel);
        var state = await look.DecideAsync(Sane(before, calendar, now));
        if (found is null || !Same(state, before)) await records.KeepAsync(state, found?.ETag, cancel);
        return state;
    }

    // Periods of the future cannot have been decided: a clock was far ahead. And their order may have changed with the file.
    private static ArrivalState Sane(ArrivalState state, ArrivalCalendar calendar, DateTimeOffset now)
    {
        var coming = calendar.FirstDueAfter(now);
        var oldest = coming.Start - (MostPeriods * calendar.Every);
        if (state.Next > coming.Start + calendar.Every + Slack) return state with { Next = coming.Start, Missing = [.. state.Missing.Where(m => m.Deadline <= now)] };
        var next = state.Next < oldest ? oldest : state.Next;
        // On the calendar's own grid, whatever grid an earlier version of the file had.
        var aligned = calendar.FirstDueAfter(calendar.From(next).Due.AddTicks(-1)).Start;
        return state with { Next = aligned };
    }

    private static bool Same(ArrivalState a, ArrivalState b) => a with { Missing = b.Missing } == b && a.Missing.SequenceEqual(b.Missing);

    private sealed class Look(DatasetDefinition dataset, ArrivalDefinition arrival, ArrivalCalendar calendar, StoredData stored, DateTimeOffset now, ISignals signals,
        ArrivalRecords records, CancellationToken cancel)
    {
        public async Task<ArrivalState> DecideAsync(ArrivalState state)
        {
            state = await RecoverAsync(state);
            for (var period = calendar.From(state.Next); period.Due <= now; period = calendar.From(state.Next))
            {
                if (stored.Of(period, state.Version) is { } commit)
                {
                    state = Come(state, period, commit, await SayAsync(period, commit.WrittenAt <= period.Due ? ArrivalOutcome.OnTime : ArrivalOutcome.ArrivedLate, commit)) with { Next = period.End };
                    continue;
                }

                state = state with { Outcome = ArrivalOutcome.Late, Period = period.Key, Due = period.Due, Deadline = period.Deadline, ArrivedAt = null };
                await SayAsync(period, ArrivalOutcome.Late, null);
                if (period.Deadline > now) break;
                await SayAsync(period, ArrivalOutcome.Missed, null);
                state = state with { Outcome = ArrivalOutcome.Missed, Missing = [.. state.Missing.Append(period).TakeLast(MostPeriods)], Next = period.End };
            }

            var behind = Behind(state);
            if (behind && state.Outcome is ArrivalOutcome.OnTime or ArrivalOutcome.ArrivedLate)
            {
                // An older period came, the newest is still missing.
                var newest = state.Missing[^1];
                state = state with { Outcome = ArrivalOutcome.Missed, Period = newest.Key, Due = newest.Due, Deadline = newest.Deadline, ArrivedAt = null };
            }

            return state with { LastData = stored.Newest, OnMissing = arrival.OnMissing, Fallback = arrival.OnMissing != MissingPolicy.Ignore && behind };
        }

        /// <summary>Periods that were given up and came all the same.</summary>
        private async Task<ArrivalState> RecoverAsync(ArrivalState state)
        {
            foreach (var period in state.Missing)
            {
                if (stored.Of(period, state.Version) is not { } commit) continue;
                state = Come(state, period, commit, await SayAsync(period, ArrivalOutcome.ArrivedLate, commit));
            }

            return state;
        }

        private ArrivalState Come(ArrivalState state, ExpectedPeriod period, Commit commit, ArrivalEvent said) => state with
        {
            Outcome = said.Outcome, Period = period.Key, Due = period.Due, Deadline = period.Deadline, ArrivedAt = commit.WrittenAt,
            Version = calendar.ByPartition ? state.Version : Math.Max(state.Version, commit.Version),
            Missing = [.. state.Missing.Where(m => calendar.ByPartition ? m.Start != period.Start : m.Start > period.Start)],
        };

        // A hole with newer data behind it is kept as missed, but nobody predicts from old data because of it.
        private bool Behind(ArrivalState state) => state.Missing.Count > 0 && !(calendar.ByPartition && stored.NewestStart > state.Missing[^1].Start);

        private async Task<ArrivalEvent> SayAsync(ExpectedPeriod period, ArrivalOutcome outcome, Commit? commit)
        {
            var said = await records.AddAsync(new ArrivalEvent
            {
                Dataset = dataset.Name, Period = period.Key, Outcome = outcome, Due = period.Due, Deadline = period.Deadline, At = now, ArrivedAt = commit?.WrittenAt, Version = commit?.Version,
                Message = Message(period, outcome, commit),
            }, period.Start, cancel);
            // Seen only after the deadline: one piece of news, the worse one.
            if (said.Outcome == ArrivalOutcome.Late && period.Deadline <= said.At) return said;
            var bad = said.Outcome is ArrivalOutcome.Late or ArrivalOutcome.Missed;
            await signals.PublishAsync(
            [
                new Signal
                {
                    Kind = SignalKind.Arrival, Subject = dataset.Name, Name = "arrival", Period = period.Key, Bad = bad, At = said.At, Message = said.Message,
                    Severity = arrival.OnMissing == MissingPolicy.Ignore ? Severity.Info : said.Outcome == ArrivalOutcome.Late ? Severity.Warning : Severity.Error,
                    Expectation = $"stored by {Utc(said.Outcome == ArrivalOutcome.Missed ? period.Deadline : period.Due)}",
                },
            ], cancel);
            return said;
        }

        private string Message(ExpectedPeriod period, ArrivalOutcome outcome, Commit? commit) => outcome switch
        {
            ArrivalOutcome.OnTime => $"the data of {period.Key} came on time, at {Utc(commit!.WrittenAt)}.",
            ArrivalOutcome.ArrivedLate => $"the data of {period.Key} came late, at {Utc(commit!.WrittenAt)}; they were due at {Utc(period.Due)}.",
            ArrivalOutcome.Late => $"the data of {period.Key} are late: they were due at {Utc(period.Due)}.",
            _ => $"the data of {period.Key} are missing: they had not come by {Utc(period.Deadline)}. " + arrival.OnMissing switch
            {
                MissingPolicy.KeepLast => "Models go on with the last data, and every prediction says so.",
                MissingPolicy.Stop => "Nothing is trained or predicted from older data until they come.",
                _ => "Nothing is done about it (onMissing: ignore).",
            },
        };

        private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture);
    }
}
