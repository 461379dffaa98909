using System.Text;
using System.Text.Json;
using Serverless.Cli.Terminal;

namespace Serverless.Cli.Tests;

/// <summary>The command line within the test's process, with everything that it said.</summary>
internal sealed record Cli(int Code, string Out, string Error)
{
    /// <summary>stdout, which is exactly one JSON document.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Out);
            return document.RootElement.Clone();
        }
    }

    public static Task<Cli> RunAsync(string folder, params string[] args) => RunAsync(folder, "", CancellationToken.None, args);

    public static async Task<Cli> RunAsync(string folder, string input, CancellationToken cancel, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = new CliConsole
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(input)),
            InIsTerminal = input.Length > 0,
            CurrentFolder = folder,
            Variable = _ => null,
        };
        var code = await CliApp.RunAsync(args, console, cancel);
        return new Cli(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>As <see cref="RunAsync(string, string[])"/>, for steps that have to succeed.</summary>
    public static async Task<Cli> DoneAsync(string folder, params string[] args)
    {
        var run = await RunAsync(folder, args);
        run.Code.ShouldBe(ExitCode.Done, $"{string.Join(' ', args)}\n{run.Out}\n{run.Error}");
        return run;
    }
}
