using System.Globalization;
using System.Text.Json;
using Serverless.Runs;

namespace Serverless.Search;

/// <summary>The runs of a search's trials. Their ids follow from the search and the number, so that a trial that is started twice is started once.</summary>
internal sealed class TrialRecords(RunRecords runs)
{
    public const string Kind = "trial";

    public static string IdOf(string search, DateTimeOffset searchCreatedAt, int number) => RunIds.Derived(Kind, searchCreatedAt, search, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>In the order of their numbers.</summary>
    public async Task<IReadOnlyList<TrialRun>> OfAsync(string search, DateTimeOffset searchCreatedAt, CancellationToken cancel)
    {
        var found = new List<TrialRun>();
        await foreach (var stored in runs.WithPrefixAsync(Kind, RunIds.Prefix(Kind, searchCreatedAt) + "-", cancel))
        {
            if (stored.Record.Data.Deserialize<TrialState>(ServerlessJson.Options) is { } state && state.Search == search) found.Add(new TrialRun(stored.Record, state));
        }

        return [.. found.OrderBy(t => t.State.Number)];
    }
}

/// <summary>A trial with its run.</summary>
public sealed record TrialRun(RunRecord Run, TrialState State)
{
    /// <summary>It has found what it can: also where its run has a last step to take.</summary>
    public bool Ended => Run.Status != RunStatus.Running || State.Report is not null;

    /// <summary>The search's metric; null where there is none.</summary>
    public double? Value => State.Report?.Value;

    public bool Stopped => State.Report is { Stopped: true };

    /// <summary>Why it failed; null where it did not, or not yet.</summary>
    public string? Failure => State.Report?.Failure ?? (Run.Status == RunStatus.Failed ? Run.Reason ?? "it ended without a reason" : null);
}
