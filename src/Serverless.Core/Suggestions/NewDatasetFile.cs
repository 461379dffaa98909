using System.Text;
using Serverless.Workspaces;

namespace Serverless.Suggestions;

/// <summary>A first dataset file from what was seen in a file: the contract's columns, a partition that is a guess and says so, and the checks that stood the back-test.</summary>
public static class NewDatasetFile
{
    /// <summary>What is wrong with a name for a dataset; null when nothing is.</summary>
    public static string? NameProblem(string dataset) => SafeName.Is(dataset) ? null : $"'{dataset}' cannot be the name of a dataset: {SafeName.Rule}.";

    public static string Write(string dataset, string source, SuggestionReport report)
    {
        var yaml = new StringBuilder();
        yaml.Append("# Suggested from ").Append(OneLine(source)).Append(": ").Append(Words.Count(report.Rows + report.HeldOut)).Append(" rows. Read it through, then ingest.\n");
        yaml.Append("dataset: ").Append(dataset).Append("\n\n");
        yaml.Append("# A guess: ").Append(OneLine(report.Partition!.Evidence)).Append(".\n");
        yaml.Append("partition: ").Append(report.Partition.Yaml).Append("\n\n");
        yaml.Append("# Only these columns are stored; take out what is not needed, personal data first.\ncolumns:\n");
        var names = report.Columns.Select(c => CheckYaml.Scalar(c.Name) + ":").ToArray();
        var width = Math.Min(32, names.Max(n => n.Length));
        foreach (var (column, name) in report.Columns.Zip(names))
        {
            var required = column.Name == report.Partition.Column ? ", required: true" : "";
            yaml.Append("  ").Append(name.PadRight(width)).Append(" { type: ").Append(column.Type.ToString().ToLowerInvariant()).Append(required).Append(" }\n");
        }

        var good = report.Suggestions.Where(s => s.Passed && !(s.Check == "completeness" && s.Column == report.Partition.Column)).ToArray();
        if (good.Length == 0) return yaml.ToString();
        yaml.Append("\n# Each was tried on rows that it was not made from. severity error and up keeps a partition out of training.\nchecks:\n");
        foreach (var suggestion in good) yaml.Append("  - ").Append(suggestion.Yaml).Append('\n');
        return yaml.ToString();
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
