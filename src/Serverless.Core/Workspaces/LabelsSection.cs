using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>What people call a column or an outcome, in each language: a text is English.</summary>
internal static class LabelsSection
{
    public static IReadOnlyDictionary<string, string> Read(Section parent, string key, string example, ProblemLog problems)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        switch (parent.Node(key))
        {
            case null: break;
            case YamlScalar word: Add("en", word); break;
            case YamlMap map:
                var s = new Section(map, "labels", parent.File, problems);
                foreach (var language in WorkspaceKeys.Of("labels")) if (s.Scalar(language, "a text") is { } text) Add(language, text);
                break;
            case { } other: parent.Error(other, $"'{key}' must be a text or texts by language, such as '{example}'."); break;
        }

        return labels.Count == 0 ? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty : labels;

        void Add(string language, YamlScalar text)
        {
            if (text.Text.Length > 200 || text.Text.Any(char.IsControl)) parent.Error(text, $"'{key}' must be one line of at most 200 characters.");
            else if (!string.IsNullOrWhiteSpace(text.Text)) labels[language] = text.Text.Trim();
        }
    }
}
