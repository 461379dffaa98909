using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Registry;

namespace Serverless.Cli.Commands;

/// <summary><c>models sign M [V]</c>: a person answers for versions that nobody has signed.</summary>
internal static class ModelsSignCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var version = new Argument<int?>("VERSION") { Description = "Number of the version. Default: every version without a signature.", Arity = ArgumentArity.ZeroOrOne };
        var comment = new Option<string>("--comment", "-c") { Description = "Why it is to be trusted, for the audit.", HelpName = "TEXT", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Also where there is a signature: after a change of keys, or when you know better than it." };
        var command = new Command("sign", "Sign versions that have no signature, such as those registered before there were any.") { model, version, comment, replace };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var signing = open.Get<IVersionSigning>();
            var wanted = context.Parsed.GetValue(version) is { } one ? [one] : (await open.Get<IModelRegistry>().VersionsAsync(name, context.Cancel)).Select(v => v.Version).ToArray();
            var signed = new List<int>();
            foreach (var number in wanted)
            {
                if (await signing.SignAsync(name, number, context.By, context.Parsed.GetRequiredValue(comment), context.Parsed.GetValue(replace), context.Cancel)) signed.Add(number);
            }

            context.Output.Answer(new { models = new[] { new { model = name, signed, already = wanted.Except(signed) } } }, screen => screen.Line(signed.Count == 0
                ? $"{name}: {(wanted.Length == 0 ? "there is no version" : "every version has a good signature already")}."
                : $"{name}: signed {(signed.Count == 1 ? "version" : "versions")} {string.Join(", ", signed)}."));
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models sign flight-delay --comment \"registered before signing; hashes compared with the backup\"", "serverless-ml models sign flight-delay 3 --comment \"new key\" --replace"],
        };
    }
}
