using System.CommandLine;
using Serverless.Cli.Hosting;
using Serverless.Cli.Terminal;
using Serverless.Problems;
using Serverless.Registry;
using Serverless.Registry.Cards;

namespace Serverless.Cli.Commands;

/// <summary><c>models card M [V]</c>: what is known about a version, for people.</summary>
internal static class ModelsCardCommand
{
    public static CommandSpec Create()
    {
        var model = new Argument<string>("MODEL") { Description = "Name of the model." };
        var version = new Argument<int?>("VERSION") { Description = "Number of the version. Default: the champion, else the newest.", Arity = ArgumentArity.ZeroOrOne };
        var html = new Option<FileInfo?>("--html") { Description = "Write a page that is complete in itself to FILE.", HelpName = "FILE" };
        var command = new Command("card", "The model card of a version, made of recorded facts: Markdown, or a page.") { model, version, html };
        return new CommandSpec(command, async context =>
        {
            var name = context.Parsed.GetRequiredValue(model);
            await using var open = context.Open(Parts.Store);
            await ModelsCommand.KnownAsync(open, name, context.Cancel);
            var registry = open.Get<IModelRegistry>();
            var number = context.Parsed.GetValue(version) ?? await registry.AliasAsync(name, Alias.Champion, context.Cancel)
                ?? (await registry.ListAsync(name, context.Cancel)).Versions.LastOrDefault()?.Version ?? throw new RequestException($"model '{name}' has no version yet. Train it with 'serverless-ml train {name}'.");
            var card = await open.Get<IModelCards>().CardAsync(name, number, context.Cancel);
            var file = context.Parsed.GetValue(html);
            if (file is not null) await File.WriteAllTextAsync(file.FullName, CardHtml.Write(card), context.Cancel);
            var markdown = CardMarkdown.Write(card);
            context.Output.Answer(new { model = name, version = number, markdown, html = file?.FullName }, screen =>
            {
                if (file is null) screen.Profile.Out.Writer.Write(markdown);
                else screen.Line($"The card of {name} version {number} is in {file.FullName}.");
            });
            return ExitCode.Done;
        })
        {
            Examples = ["serverless-ml models card flight-delay", "serverless-ml models card flight-delay 3 --html card.html"],
        };
    }
}
