using System.Text.Json;
using Serverless.Problems;

namespace Serverless.Cli.Terminal;

/// <summary>An exception as a person should meet it: what happened and what to do, and the exit code. Traces only for those who ask.</summary>
internal static class ErrorReport
{
    public static int Write(Exception error, CliConsole console, bool json, bool verbose)
    {
        var (code, message) = Explain(error);
        if (json) console.Out.WriteLine(JsonSerializer.Serialize(Document(error, code, message), ServerlessJson.Indented));
        console.Error.WriteLine(error is ConfigurationException or OperationCanceledException ? message : $"error: {message}");
        if (verbose) console.Error.WriteLine(error);
        else if (IsUnexpected(error)) console.Error.WriteLine("This should not happen. Run it again with --verbose for the details that a bug report needs.");
        return code;
    }

    private static (int Code, string Message) Explain(Exception error) => error switch
    {
        OperationCanceledException => (ExitCode.Cancelled, "Cancelled. What was finished is kept; the same command goes on from there."),
        RefusedException => (ExitCode.No, error.Message),
        ConfigurationException or RequestException => (ExitCode.Usage, error.Message),
        ServerlessException => (ExitCode.InputOutput, error.Message),
        IOException or UnauthorizedAccessException => (ExitCode.InputOutput, error.Message),
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        _ => (ExitCode.InputOutput, $"{error.GetType().Name}: {error.Message}"),
    };

    private static bool IsUnexpected(Exception error) => error switch
    {
        AggregateException { InnerExceptions: [var only] } => IsUnexpected(only),
        _ => error is not (OperationCanceledException or ServerlessException or IOException or UnauthorizedAccessException),
    };

    private static object Document(Exception error, int code, string message) => new
    {
        error = message,
        exitCode = code,
        problems = (error as ConfigurationException)?.Problems,
    };
}
