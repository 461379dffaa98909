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
