using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Partitions;
using Serverless.Problems;
using Serverless.Runs;
using Serverless.Storage;
using Serverless.Workspaces;

namespace Serverless.Feedback;

/// <summary>What the run of a feedback drop remembers.</summary>
public sealed record FeedbackDropState
{
    public required string Model { get; init; }

    /// <summary>In landing.</summary>
    public required string Key { get; init; }

    public required string ETag { get; init; }

    public required string By { get; init; }

    public int Accepted { get; init; }

    public int Rejected { get; init; }
}

/// <summary>Files of feedback in <c>landing/feedback/&lt;model&gt;/</c>.</summary>
public interface IFeedbackDrops
{
    /// <summary>Starts the run of an object in landing, once for each content of it. Null when it is no drop of feedback, or is gone.</summary>
    /// <param name="key">With the container: <c>landing/feedback/late/labels.csv</c>.</param>
    Task<string?> AcceptAsync(string key, string by, CancellationToken cancel = default);
}

/// <inheritdoc cref="IFeedbackDrops"/>
internal sealed class FeedbackDrops(Workspace workspace, IObjectStore objects, IRunEngine runs) : IFeedbackDrops
{
    /// <summary>The folder of landing; a dataset of this name would have its drops one level above.</summary>
    public const string Folder = "feedback";

    /// <summary>The model that a drop is of; null when it is none of feedback.</summary>
    public string? ModelOf(string key) => key.Split('/') is [_, Folder, var model, _] && workspace.Models.ContainsKey(model) ? model : null;

    public async Task<string?> AcceptAsync(string key, string by, CancellationToken cancel = default) =>
        ModelOf(key) is { } model && await objects.HeadAsync(key, cancel) is { } drop ? await AcceptAsync(model, drop, by, cancel) : null;

    public Task<string> AcceptAsync(string model, ObjectInfo drop, string by, CancellationToken cancel) => runs.StartAsync(
        new FeedbackDropState { Model = model, Key = drop.Key, ETag = drop.ETag, By = by }, RunIds.Derived("feedback-drop", drop.Modified, drop.Key, drop.ETag), cancel);
}

/// <summary>Stores the rows of a drop as feedback, under names that the drop decides, and takes it out of landing. Rows that are none are kept beside, with the reason.</summary>
internal sealed class FeedbackDropRun(IObjectStore objects, IDataEngine engine, FeedbackIntake intake, ISignals? signals = null) : IRunDefinition<FeedbackDropState>
{
    private const int MostListed = 1000;

    public string Kind => "feedback-drop";

    public string Subject(FeedbackDropState state) => state.Model;

    public IReadOnlyList<Transition<FeedbackDropState>> Transitions => [new("queued", "stored", StoreAsync), new("stored", "done", RemoveAsync)];

    private async Task<Step<FeedbackDropState>> StoreAsync(RunContext<FeedbackDropState> context, CancellationToken cancel)
    {
        var state = context.State;
        var name = state.Key[(state.Key.LastIndexOf('/') + 1)..];
        try
        {
            using var file = await objects.MaterialiseAsync(state.Key, cancel);
            if (file.Info.ETag != state.ETag) return Step<FeedbackDropState>.End(state, $"'{state.Key}' was replaced before it was read; the new content has a run of its own");
            var rejected = new List<RejectedFeedback>();
            var items = await FeedbackTable.ReadAsync(engine, file.Path, name, state.Model, rejected, cancel);
            var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{state.Key}\n{state.ETag}")))[..16];
            var events = new List<FeedbackEvent>(items.Count);
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i] is not { } item) continue;
                var row = i;
                if (intake.Judge(item, i, context.CreatedAt, state.By, () => string.Create(CultureInfo.InvariantCulture, $"drop-{mark}-{row:D9}"), out _, out var refused) is { } good) events.Add(good);
                else rejected.Add(refused!);
            }

            if (events.Count > 0) await objects.PutIfAbsentAsync($"{FeedbackStreams.Folder(state.Model, context.CreatedAt)}drop-{mark}{FeedbackStreams.Extension}", new MemoryStream(FeedbackStreams.Lines(events)), cancel);
            if (rejected.Count > 0) await RejectAsync(state, name, mark, rejected, context, cancel);
            return Step<FeedbackDropState>.Next(state with { Accepted = events.Count, Rejected = rejected.Count });
        }
        catch (ObjectMissingException)
        {
            return Step<FeedbackDropState>.End(state, $"'{state.Key}' is not in landing any more");
        }
        catch (Exception e) when (e is DataException or RequestException)
        {
            // It stays in landing for whoever sent it; what the file is does not change by looking again.
            if (signals is not null) await SayAsync(state, bad: true, $"nothing of '{name}' could be taken: {e.Message}", context, cancel);
            return Step<FeedbackDropState>.End(state, e.Message);
        }
    }

    private async Task<Step<FeedbackDropState>> RemoveAsync(RunContext<FeedbackDropState> context, CancellationToken cancel)
    {
        var state = context.State;
        if (await objects.HeadAsync(state.Key, cancel) is { } there && there.ETag == state.ETag) await objects.DeleteAsync(state.Key, cancel);
        if (signals is not null && state.Rejected == 0) await SayAsync(state, bad: false, $"all {state.Accepted} rows of '{state.Key}' were taken", context, cancel);
        return Step<FeedbackDropState>.Next(state);
    }

    private async Task RejectAsync(FeedbackDropState state, string name, string mark, List<RejectedFeedback> rejected, RunContext<FeedbackDropState> context, CancellationToken cancel)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new { schemaVersion = 1, file = name, rejected = rejected.OrderBy(r => r.Index).Take(MostListed), all = rejected.Count }, ServerlessJson.Options);
        var key = $"{StoreNames.Containers.Feedback}/{state.Model}/_rejected/drop-{mark}.json";
        await objects.PutAsync(key, new MemoryStream(bytes), cancel);
        if (signals is not null) await SayAsync(state, bad: true, $"{rejected.Count} rows of '{name}' are no feedback, such as {rejected[0].Field}: {rejected[0].Reason}; see '{key}'", context, cancel);
    }

    private Task SayAsync(FeedbackDropState state, bool bad, string message, RunContext<FeedbackDropState> context, CancellationToken cancel) => signals!.PublishAsync(
        [new Signal { Kind = SignalKind.Serving, Subject = state.Model, Name = "feedback-drop", Bad = bad, Severity = Severity.Warning, Message = message, At = context.CreatedAt, Run = context.RunId }], cancel);
}
