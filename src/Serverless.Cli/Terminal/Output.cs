using System.Text.Json;
using Spectre.Console;

namespace Serverless.Cli.Terminal;

/// <summary>
/// What a command says. With <c>--json</c>, stdout gets exactly one JSON document and everything else goes to stderr; otherwise people's tables go to stdout.
/// </summary>
internal sealed class Output(CliConsole console, bool json, bool quiet)
{
    private const int WidthOfPipes = 160;

    private readonly Lazy<IAnsiConsole> screen = new(() => Create(console.Out, console.OutIsTerminal, console));
    private readonly Lazy<IAnsiConsole> errors = new(() => Create(console.Error, console.ErrorIsTerminal, console));

    public bool Json { get; } = json;

    public bool Quiet { get; } = quiet;

    /// <summary>Progress bars are for a person who watches.</summary>
    public bool ShowsProgress => console.ErrorIsTerminal && !Quiet;

    public IAnsiConsole ErrorScreen => errors.Value;

    /// <summary>The answer: the document with <c>--json</c>, otherwise what <paramref name="people"/> writes.</summary>
    public void Answer(object document, Action<IAnsiConsole> people)
    {
        if (Json) console.Out.WriteLine(JsonSerializer.Serialize(document, ServerlessJson.Indented));
        else people(screen.Value);
    }

    /// <summary>The answer as JSON that is written already.</summary>
    public void AnswerJson(string document) => console.Out.WriteLine(document);

    /// <summary>Something on the way; not with <c>--quiet</c>. Plain text.</summary>
    public void Say(string text)
    {
        if (Quiet) return;
        (Json ? errors.Value : screen.Value).Line(text);
    }

    /// <summary>On the way, with Spectre's markup.</summary>
    public void SayMarkup(string markup)
    {
        if (Quiet) return;
        (Json ? errors.Value : screen.Value).MarkupLine(markup);
    }

    public void Warn(string text)
    {
        if (!Quiet) errors.Value.MarkupLine($"[yellow]warning:[/] {Markup.Escape(text)}");
    }

    private static IAnsiConsole Create(TextWriter writer, bool terminal, CliConsole console)
    {
        var screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal && console.Colour ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal && console.Colour ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal && console.Colour ? InteractionSupport.Yes : InteractionSupport.No, // redraws progress in place
        });
        screen.Profile.Width = terminal ? console.Width ?? 80 : WidthOfPipes;
        return screen;
    }
}
