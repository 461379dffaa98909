using System.Collections.Frozen;

namespace Serverless.Runs;

/// <summary>The states of a kind of run and the way between them: one step leaves each state, and every way comes to an end.</summary>
internal sealed class TransitionTable
{
    private readonly FrozenDictionary<string, string> next;

    /// <summary>Throws <see cref="ArgumentException"/> when the table is empty, leaves a state twice, cannot reach one of its states, or turns in a circle.</summary>
    public TransitionTable(string kind, IReadOnlyList<(string From, string To)> transitions)
    {
        if (transitions.Count == 0) throw new ArgumentException($"kind '{kind}' has no transitions.");
        if (transitions.GroupBy(t => t.From).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"kind '{kind}' leaves state '{twice.Key}' twice.");
        next = transitions.ToFrozenDictionary(t => t.From, t => t.To, StringComparer.Ordinal);
        Initial = transitions[0].From;

        var reached = new HashSet<string>(StringComparer.Ordinal) { Initial };
        var state = Initial;
        while (next.TryGetValue(state, out var to))
        {
            if (!reached.Add(to)) throw new ArgumentException($"kind '{kind}' comes back to state '{to}': a run must end. To wait in a state, return Step.Later.");
            state = to;
        }

        if (transitions.FirstOrDefault(t => !reached.Contains(t.From)).From is { } lost) throw new ArgumentException($"kind '{kind}' never reaches state '{lost}'.");
        States = [.. reached];
    }

    public string Initial { get; }

    public IReadOnlyList<string> States { get; }

    public bool IsEnd(string state) => !next.ContainsKey(state);

    /// <summary>Throws <see cref="InvalidTransitionException"/> unless the table leads from the one to the other.</summary>
    public void Check(string id, string from, string to)
    {
        if (!next.TryGetValue(from, out var target)) throw new InvalidTransitionException(id, from, to, $"'{from}' is an end");
        if (target != to) throw new InvalidTransitionException(id, from, to, $"'{from}' leads to '{target}' only");
    }
}
