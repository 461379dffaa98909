using Serverless.Runs;

namespace Serverless.Core.Tests.Runs;

/// <summary>What the tests' run remembers.</summary>
internal sealed record ErrandState(string Name, int Steps = 0);

/// <summary>A run of three steps; a test decides what each of them does.</summary>
internal sealed class Errand(Func<string, RunContext<ErrandState>, CancellationToken, Task<Step<ErrandState>>> step) : IRunDefinition<ErrandState>
{
    public string Kind => "errand";

    public string Subject(ErrandState state) => state.Name;

    public IReadOnlyList<Transition<ErrandState>> Transitions =>
    [
        new("asked", "bought", (c, cancel) => step("asked", c, cancel)),
        new("bought", "carried", (c, cancel) => step("bought", c, cancel)),
        new("carried", "done", (c, cancel) => step("carried", c, cancel)),
    ];

    /// <summary>Goes on at each step.</summary>
    public static Task<Step<ErrandState>> Go(RunContext<ErrandState> context) => Task.FromResult(Step<ErrandState>.Next(context.State with { Steps = context.State.Steps + 1 }));
}
