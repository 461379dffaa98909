using Serverless.Arrival;
using Serverless.Cli.Terminal;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>How the data of a dataset stand against what was promised.</summary>
internal static class ArrivalLines
{
    private const int ListedEvents = 10;

    public static object Document(ArrivalState state, IReadOnlyList<ArrivalEvent> events) => new
    {
        outcome = state.Outcome,
        period = state.Period,
        due = state.Due,
        deadline = state.Deadline,
        arrivedAt = state.ArrivedAt,
        missing = state.Missing.Select(m => m.Key),
        lastData = state.LastData,
        onMissing = state.OnMissing,
        note = state.Note(),
        events = events.Select(e => new { period = e.Period, outcome = e.Outcome, due = e.Due, deadline = e.Deadline, at = e.At, arrivedAt = e.ArrivedAt, version = e.Version }),
    };

    public static void Show(IAnsiConsole screen, ArrivalState state, IReadOnlyList<ArrivalEvent> events)
    {
        foreach (var said in events.TakeLast(ListedEvents).Where(e => e.Outcome != ArrivalOutcome.OnTime || e.Period == state.Period)) screen.Line($"Arrival: {said.Message}");
        if (state.Note() is { } note) screen.MarkupLine($"[yellow]{Markup.Escape(note)}[/]");
    }
}
