using System.CommandLine;
using Serverless.Cli.Hosting;

namespace Serverless.Cli.Commands;

/// <summary>A command: how it is typed, what it does, how it is used.</summary>
internal sealed record CommandSpec(Command Command, Func<CommandContext, Task<int>>? RunAsync)
{
    public IReadOnlyList<string> Examples { get; init; } = [];

    public IReadOnlyList<CommandSpec> Subcommands { get; init; } = [];
}
