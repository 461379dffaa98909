using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Cli.Hosting;
using Serverless.Problems;
using Serverless.Suggestions;
using Serverless.Workspaces;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary>A file of the workspace as it is and as it is meant to become.</summary>
/// <param name="File">Relative to the workspace.</param>
/// <param name="Before">Its bytes; null when there is no such file yet.</param>
internal sealed record FileEdit(string Root, string File, byte[]? Before, byte[] After)
{
    public string Path => System.IO.Path.Combine(Root, File);

    public IReadOnlyList<string> Diff { get; } = UnifiedDiff.Of(File, Before is null ? "" : Encoding.UTF8.GetString(Before), Encoding.UTF8.GetString(After));
}

/// <summary>Shows an edit of a dataset file, asks, and writes it: whole or not at all, and never over what somebody else wrote meanwhile.</summary>
internal static class SuggestionWriting
{
    public static byte[] Read(string root, string file) => File.ReadAllBytes(Path.Combine(root, file));

    public static FileEdit NewFile(string root, string dataset, string source, SuggestionReport report)
    {
        if (NewDatasetFile.NameProblem(dataset) is { } wrong) throw new RequestException(wrong);
        var draft = WorkspaceLoader.Read(root);
        var file = $"datasets/{dataset}.yaml";
        if (draft.Workspace.Datasets.TryGetValue(dataset, out var there)) throw new RequestException($"dataset '{dataset}' exists already ({there.File}). Ingest the file into it and use 'serverless-ml suggest {dataset} --write', or take another name.");
        if (File.Exists(Path.Combine(root, file))) throw new RequestException($"'{file}' exists already; it is not overwritten. Take another name, or mend that file.");
        return new FileEdit(root, file, null, Encoding.UTF8.GetBytes(NewDatasetFile.Write(dataset, source, report)));
    }

    public static FileEdit Changed(string root, string file, byte[] before, SuggestionReport report)
    {
        var text = Encoding.UTF8.GetString(before);
        return new FileEdit(root, file, before, Encoding.UTF8.GetBytes(DatasetEdit.AddChecks(text, [.. report.Suggestions.Where(s => s.Passed).Select(s => s.Yaml)])));
    }

    /// <param name="answer">Says the suggestions; with whether the file was written.</param>
    public static int Finish(CommandContext context, FileEdit edit, bool yes, Action<FileEdit, bool> answer)
    {
        var changes = edit.Diff.Count > 0;
        if (context.Output.Json)
        {
            // One document says everything, so what is to be done comes first.
            if (changes && yes) Write(edit);
            answer(edit, changes && yes);
            return !changes || yes ? ExitCode.Done : ExitCode.No;
        }

        answer(edit, false);
        context.Output.Say("");
        if (!changes)
        {
            context.Output.Say($"Nothing to add to {edit.File}.");
            return ExitCode.Done;
        }

        foreach (var line in edit.Diff) context.Output.SayMarkup(Coloured(line));
        if (!yes && !Confirmed(context, edit)) return ExitCode.No;
        Write(edit);
        context.Output.Say($"{(edit.Before is null ? "Wrote" : "Changed")} {edit.File}.");
        return ExitCode.Done;
    }

    private static bool Confirmed(CommandContext context, FileEdit edit)
    {
        if (!context.Console.InIsTerminal) throw new RequestException($"{edit.File} was not changed: nobody can be asked here. Look at the difference, then add --yes.");
        context.Console.Error.Write($"{(edit.Before is null ? "Write" : "Change")} {edit.File}? [y/N] ");
        using var reader = new StreamReader(context.Console.OpenInput());
        if (reader.ReadLine()?.Trim() is "y" or "Y" or "yes") return true;
        context.Output.Say("Nothing was changed.");
        return false;
    }

    private static void Write(FileEdit edit)
    {
        if (edit.Before is null ? File.Exists(edit.Path) : !File.Exists(edit.Path) || !Read(edit.Root, edit.File).AsSpan().SequenceEqual(edit.Before))
        {
            throw new RequestException($"'{edit.File}' was changed by somebody else meanwhile. Nothing was written; ask for suggestions again.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(edit.Path)!);
        File.WriteAllBytes(edit.Path, edit.After);
        if (Problems(edit.Root) is not { Count: > 0 } problems) return;

        // A file that does not load is worse than none of the suggestions.
        if (edit.Before is null) File.Delete(edit.Path);
        else File.WriteAllBytes(edit.Path, edit.Before);
        throw new ConfigurationException([.. problems, new Problem("with the suggestions the workspace would not load, so the file was put back; add those that you want by hand.", edit.File)]);
    }

    private static IReadOnlyList<Problem> Problems(string root)
    {
        var draft = WorkspaceLoader.Read(root);
        var services = new ServiceCollection().AddLogging();
        Composition.Add(services, draft.Workspace, Parts.All);
        using var provider = services.BuildServiceProvider();
        try
        {
            draft.Accept(provider.GetServices<IWorkspaceValidator>());
            return [];
        }
        catch (ConfigurationException e)
        {
            return e.Problems;
        }
    }

    private static string Coloured(string line) => line switch
    {
        ['+', '+', '+', ..] or ['-', '-', '-', ..] => $"[bold]{Markup.Escape(line)}[/]",
        ['+', ..] => $"[green]{Markup.Escape(line)}[/]",
        ['-', ..] => $"[red]{Markup.Escape(line)}[/]",
        ['@', ..] => $"[blue]{Markup.Escape(line)}[/]",
        _ => Markup.Escape(line),
    };
}
