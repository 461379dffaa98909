namespace Serverless.Web.Access;

/// <summary>What a key may do; each includes those before it.</summary>
internal enum Scope
{
    /// <summary>No key needed: health, pages.</summary>
    Open,

    /// <summary>Ask for predictions, and read what models take and give.</summary>
    Predict,

    /// <summary>See data and runs; approve, promote, roll back.</summary>
    Operate,

    /// <summary>Everything.</summary>
    Admin,
}

internal static class Scopes
{
    public static string[] Names { get; } = ["predict", "operate", "admin"];

    /// <summary>Null when it is none.</summary>
    public static Scope? Parse(string text) => text switch { "predict" => Scope.Predict, "operate" => Scope.Operate, "admin" => Scope.Admin, _ => null };

    public static string Name(this Scope scope) => scope == Scope.Open ? "none" : Names[(int)scope - 1];
}
