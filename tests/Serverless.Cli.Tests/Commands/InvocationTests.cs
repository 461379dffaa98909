using Serverless.Cli.Terminal;
using Serverless.Testing;

namespace Serverless.Cli.Tests.Commands;

public sealed class InvocationTests
{
    [Theory]
    [InlineData("", "dotnet run --project src/Serverless.Cli --")]
    [InlineData("src", "dotnet run --project Serverless.Cli --")]
    public void Of_OutOfTheBuildFolder_IsDotnetRunFromWhereTheUserStands(string stands, string expected)
    {
        using var folder = new TempFolder();
        folder.Write("src/Serverless.Cli/Serverless.Cli.csproj", "<Project/>");

        Invocation.Of(Path.Combine(folder.Path, "src", "Serverless.Cli", "bin", "Debug", "net10.0"), Path.Combine(folder.Path, stands)).ShouldBe(expected);
    }

    [Fact]
    public void Of_UserElsewhere_NamesTheWholePath()
    {
        using var folder = new TempFolder();
        var project = Path.GetDirectoryName(folder.Write("src/Serverless.Cli/Serverless.Cli.csproj", "<Project/>"))!;

        Invocation.Of(Path.Combine(project, "bin", "Debug", "net10.0"), Path.GetTempPath()).ShouldEndWith("src/Serverless.Cli --");
    }

    [Theory]
    [InlineData("tools/serverless-ml")]
    [InlineData("bench/artifacts/readytorun")]
    public void Of_InstalledOrPublished_IsTheProgramsName(string place)
    {
        using var folder = new TempFolder();
        folder.Write("src/Serverless.Cli/Serverless.Cli.csproj", "<Project/>");

        Invocation.Of(Path.Combine(folder.Path, place), folder.Path).ShouldBe("serverless-ml");
    }
}
