using Serverless.Runs;
using Spectre.Console;

namespace Serverless.Cli.Terminal;

/// <summary>Progress on stderr while a terminal is attached; silent otherwise.</summary>
internal static class Bars
{
    /// <summary>Runs <paramref name="work"/> with one bar of <paramref name="total"/> steps.</summary>
    public static async Task<T> RunAsync<T>(Output output, string title, double total, Func<Bar, Task<T>> work)
    {
        if (!output.ShowsProgress) return await work(new Bar(null));
        return await output.ErrorScreen.Progress()
            .AutoClear(true)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(context => work(new Bar(context.AddTask(Markup.Escape(title.PadRight(28)), maxValue: total))));
    }
}

/// <summary>One bar, or nothing where nobody watches.</summary>
internal sealed class Bar(ProgressTask? task) : IProgress<RunProgress>
{
    private double finished;

    /// <summary>Where within the present step, as a run tells it.</summary>
    public void Report(RunProgress value)
    {
        if (task is null) return;
        task.Description = Markup.Escape(Cells.Cut(value.Activity, 28).PadRight(28));
        if (value.Fraction is { } fraction) task.Value = finished + Math.Clamp(fraction, 0, 1);
    }

    /// <summary>A step is done.</summary>
    public void Advance(string? activity = null)
    {
        if (task is null) return;
        lock (task) task.Value = ++finished;
        if (activity is not null) task.Description = Markup.Escape(Cells.Cut(activity, 28).PadRight(28));
    }

    /// <summary>One of several steps that are walked side by side: it moves the bar by its own share.</summary>
    public Share Begin() => new(task);
}

/// <summary>The share of one step in a bar.</summary>
internal sealed class Share(ProgressTask? task) : IProgress<RunProgress>
{
    private double reached;

    public void Report(RunProgress value)
    {
        if (task is not null && value.Fraction is { } fraction) MoveTo(fraction, value.Activity);
    }

    /// <summary>The step is done.</summary>
    public void Finish(string activity) => MoveTo(1, activity);

    private void MoveTo(double fraction, string activity)
    {
        if (task is null) return;
        lock (task)
        {
            var next = Math.Clamp(fraction, reached, 1);
            task.Increment(next - reached);
            reached = next;
            task.Description = Markup.Escape(Cells.Cut(activity, 28).PadRight(28));
        }
    }
}
