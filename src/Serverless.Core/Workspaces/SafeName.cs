namespace Serverless.Workspaces;

/// <summary>Names of workspaces, datasets and models: they become parts of paths, containers, table keys and addresses.</summary>
internal static class SafeName
{
    public const string Rule = "use 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit";

    public static bool Is(string name) =>
        name.Length is > 0 and <= 63 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && name[0] != '-' && name[^1] != '-';
}
