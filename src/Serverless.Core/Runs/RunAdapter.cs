using System.Text.Json;

namespace Serverless.Runs;

/// <summary>A definition without its type parameter, as the engine sees it.</summary>
internal interface IRunAdapter
{
    string Kind { get; }

    Type StateType { get; }

    bool Announces { get; }

    TransitionTable Table { get; }

    string Subject(object state);

    JsonElement Write(object state);

    /// <summary>Throws <see cref="UnknownRunException"/> when the record's state or what it remembers is not of this version.</summary>
    void Check(RunRecord record);

    /// <summary>Runs the step that leaves the record's state.</summary>
    Task<StepOutcome> StepAsync(RunRecord record, IProgress<RunProgress>? progress, CancellationToken cancel);
}

/// <param name="To">The state to go to; the present one unless <paramref name="Kind"/> is Next.</param>
internal sealed record StepOutcome(StepKind Kind, string To, JsonElement Data, TimeSpan Delay, string? Reason);

internal sealed class RunAdapter<TState>(IRunDefinition<TState> definition) : IRunAdapter where TState : class
{
    public string Kind => definition.Kind;

    public Type StateType => typeof(TState);

    public bool Announces => definition.Announces;

    public TransitionTable Table { get; } = new(definition.Kind, [.. definition.Transitions.Select(t => (t.From, t.To))]);

    public string Subject(object state) => definition.Subject((TState)state);

    public JsonElement Write(object state) => JsonSerializer.SerializeToElement((TState)state, ServerlessJson.Options);

    public void Check(RunRecord record)
    {
        if (!Table.States.Contains(record.State))
        {
            throw new UnknownRunException(record.Id, $"run '{record.Id}' is in state '{record.State}', which kind '{Kind}' does not have (it has: {string.Join(", ", Table.States)}). "
                + "Another version wrote it: finish it with that version, or start a new run.");
        }

        if (Table.IsEnd(record.State)) Table.Check(record.Id, record.State, Table.Initial);
        Read(record);
    }

    public async Task<StepOutcome> StepAsync(RunRecord record, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var transition = definition.Transitions.First(t => t.From == record.State);
        var step = await transition.StepAsync(new RunContext<TState>(record.Id, Read(record), record.Attempt, progress) { CreatedAt = record.CreatedAt }, cancel).ConfigureAwait(false);
        var to = step.Kind == StepKind.Next ? transition.To : record.State;
        return new StepOutcome(step.Kind, to, step.State is null ? record.Data : Write(step.State), step.Delay, step.Reason);
    }

    private TState Read(RunRecord record)
    {
        try
        {
            return record.Data.Deserialize<TState>(ServerlessJson.Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new UnknownRunException(record.Id, $"what run '{record.Id}' remembers cannot be read as {typeof(TState).Name} ({e.Message}). Another version wrote it.");
        }
    }
}
