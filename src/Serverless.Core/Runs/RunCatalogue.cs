using System.Collections.Frozen;

namespace Serverless.Runs;

/// <summary>The kinds of run that this process knows, by name and by the type of their state.</summary>
internal sealed class RunCatalogue(Func<IEnumerable<IRunAdapter>> adapters)
{
    // Late, because definitions may themselves start runs and so depend on the engine.
    private readonly Lazy<(FrozenDictionary<string, IRunAdapter> ByKind, FrozenDictionary<Type, IRunAdapter> ByState)> known = new(() =>
    {
        var all = adapters().ToArray();
        return (all.ToFrozenDictionary(a => a.Kind, StringComparer.Ordinal), all.ToFrozenDictionary(a => a.StateType));
    });

    public IReadOnlyList<string> Kinds => known.Value.ByKind.Keys;

    public IRunAdapter? Find(string kind) => known.Value.ByKind.GetValueOrDefault(kind);

    /// <summary>Throws <see cref="InvalidOperationException"/> when no definition for the state's type was registered.</summary>
    public IRunAdapter Of(Type state) => known.Value.ByState.GetValueOrDefault(state)
        ?? throw new InvalidOperationException($"no kind of run is registered for {state.Name}; register one with AddRun<{state.Name}, ...>().");
}
