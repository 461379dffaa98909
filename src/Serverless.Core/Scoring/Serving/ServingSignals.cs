using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Alerts;
using Serverless.Datasets;

namespace Serverless.Scoring;

/// <summary>
/// Says when a served model is in trouble, and when it is well again. Never waits and never throws: answering comes first. At the end of the process, which for a command line comes soon, what is
/// being said is said before the store is closed.
/// </summary>
internal sealed class ServingSignals(ISignals signals, TimeProvider time, ILogger<ServingSignals>? logger = null) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // A process that starts has its first requests to answer; that nothing is wrong is no news for which they should wait.
    private static readonly TimeSpan GoodNewsAfter = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, int> loads = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private Task pending = Task.CompletedTask;

    private readonly ILogger log = logger ?? NullLogger<ServingSignals>.Instance;

    /// <summary>The champion answers. Said a moment later, or at the end of the process, unless by then it does not answer any more.</summary>
    public void Loaded(string model, int version)
    {
        var signal = New(model, "load", bad: false, $"version {version} is loaded", Severity.Error, time.GetUtcNow());
        lock (gate)
        {
            var mine = Newer(model);
            pending = Task.WhenAll(pending, Task.Run(() => LaterAsync(signal, model, mine)));
        }
    }

    private async Task LaterAsync(Signal signal, string model, int mine)
    {
        await Task.Delay(GoodNewsAfter, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            if (loads[model] != mine) return;
        }

        await SayAsync([signal], model).ConfigureAwait(false);
    }

    // Under the gate.
    private int Newer(string model) => loads[model] = loads.GetValueOrDefault(model) + 1;

    /// <param name="serving">What answers instead; null when nothing does.</param>
    /// <param name="tampered">Its files are not those that were signed: somebody may have changed them.</param>
    public void Damaged(string model, int version, int? serving, string why, bool tampered = false)
    {
        lock (gate) Newer(model);
        Say(model, "load", bad: true,
            $"version {version} cannot be loaded ({why}); {(serving is { } instead ? string.Create(CultureInfo.InvariantCulture, $"version {instead} answers instead") : "nothing answers")}",
            tampered || serving is null ? Severity.Critical : Severity.Error);
    }

    /// <param name="changed">What is different about the views that the version reads; empty when they are what it learned from.</param>
    public void Views(string model, int version, string changed) => Say(model, "views", bad: changed.Length > 0,
        changed.Length > 0 ? $"version {version} is given other values than it learned from: {changed}. Train it again." : $"the views that version {version} reads are those that it learned from", Severity.Warning);

    /// <summary>Predictions wait or were dropped because the store does not take them.</summary>
    public void LogInTrouble(IEnumerable<string> models, long dropped) => LogIs(models, bad: true, $"the prediction log cannot be written{Count(dropped)}");

    /// <summary>The store takes predictions again. What was dropped meanwhile is said, even when nothing could be said at the time.</summary>
    public void LogIsWell(IEnumerable<string> models, long dropped)
    {
        foreach (var model in models)
        {
            var now = time.GetUtcNow();
            Signal well = New(model, "prediction-log", bad: false, "predictions are recorded again", Severity.Error, now);
            Publish(dropped == 0 ? [well] : [New(model, "prediction-log", bad: true, $"the prediction log could not be written{Count(dropped)}", Severity.Error, now), well with { At = now.AddMilliseconds(1) }], model);
        }
    }

    private static string Count(long dropped) => dropped == 0 ? "; nothing is lost yet" : string.Create(CultureInfo.InvariantCulture, $"; {dropped} predictions are lost");

    private void LogIs(IEnumerable<string> models, bool bad, string message)
    {
        foreach (var model in models) Say(model, "prediction-log", bad, message);
    }

    private void Say(string model, string name, bool bad, string message, Severity severity = Severity.Error) => Publish([New(model, name, bad, message, severity, time.GetUtcNow())], model);

    private static Signal New(string model, string name, bool bad, string message, Severity severity, DateTimeOffset at) =>
        new() { Kind = SignalKind.Serving, Subject = model, Name = name, Bad = bad, Severity = severity, Message = message, At = at };

    public void Dispose()
    {
        stopping.Cancel();
        Task said;
        lock (gate) said = pending;
        said.Wait(Longest);
        stopping.Dispose();
    }

    private void Publish(IReadOnlyList<Signal> some, string model)
    {
        lock (gate) pending = Task.WhenAll(pending, Task.Run(() => SayAsync(some, model)));
    }

    private async Task SayAsync(IReadOnlyList<Signal> some, string model)
    {
        try
        {
            await signals.PublishAsync(some).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            AlertsLog.NotPublished(log, $"how '{model}' is served", e);
        }
    }
}
