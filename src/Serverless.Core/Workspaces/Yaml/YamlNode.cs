namespace Serverless.Workspaces.Yaml;

/// <summary>A value in a YAML file with the place where it begins (both from 1).</summary>
internal abstract record YamlNode(int Line, int Column);

/// <param name="Plain">Written without quotes: only then can it mean null.</param>
internal sealed record YamlScalar(string Text, bool Plain, int Line, int Column) : YamlNode(Line, Column)
{
    public bool IsNull => Plain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record YamlList(IReadOnlyList<YamlNode> Items, int Line, int Column) : YamlNode(Line, Column);

internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, int Line, int Column) : YamlNode(Line, Column);

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
