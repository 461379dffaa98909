namespace Serverless.Cli;

/// <summary>What the shell is told.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Done, and the answer is no: a check failed, a drop was rejected, the gate refused.</summary>
    public const int No = 1;

    /// <summary>Usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>Input or output: a file that is missing or cannot be read, data that do not allow what was asked, storage.</summary>
    public const int InputOutput = 3;

    public const int Cancelled = 130;
}
