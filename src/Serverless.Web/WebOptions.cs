namespace Serverless.Web;

public sealed record WebOptions
{
    /// <summary>True where the host has already decided who may call (function keys): a workspace without keys and issuer asks for nothing more then. One that has them asks for them as everywhere.</summary>
    public bool AuthenticatedByHost { get; init; }
}
