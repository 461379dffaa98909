using Microsoft.AspNetCore.Http;

namespace Serverless.Sources.Tests.Http;

/// <summary>Credentials come by reference, go to the source's own host only, and are written down nowhere.</summary>
public sealed class CredentialTests
{
    private const string Csv = "id,at,amount\n1,2026-03-01T10:00:00Z,1.5\n";

    [Fact]
    public async Task Pull_WithCredentials_SendsThemAndWritesThemNowhere()
    {
        using var token = new Variable("s3cr3t-" + Guid.NewGuid().ToString("N"));
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(Csv));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", headers: {{ authorization: \"Bearer env:{token.Name}\", accept: text/csv }}, query: {{ api_key: \"env:{token.Name}\", day: \"{{period:yyyyMMdd}}\" }} }}");

        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);

        var request = server.Requests.ShouldHaveSingleItem();
        (request.Headers.Authorization.ToString(), request.Headers.Accept.ToString()).ShouldBe(($"Bearer {token.Value}", "text/csv"));
        request.Path.ShouldContain($"api_key={token.Value}");
        (await fixture.CommitsAsync())[0].Origin!.Address!.ShouldContain("api_key=***");
        foreach (var file in Directory.EnumerateFiles(fixture.Folder.Path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))) (await ReadAsync(file)).ShouldNotContain(token.Value, customMessage: file);
    }

    [Fact]
    public async Task Pull_WithoutTheVariable_FailsNamingIt()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(Csv));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", headers: {{ x-api-key: \"env:NOBODY_SET_THIS\" }} }}");

        (await fixture.PullAsync()).Reason.ShouldBe("nothing was stored: the environment variable NOBODY_SET_THIS is not set in this process, or empty.");
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pull_VaultWithoutAStore_SaysSo()
    {
        await using var server = await TestServer.StartAsync(c => c.Response.WriteAsync(Csv));
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", headers: {{ x-api-key: \"vault:shop/key\" }} }}");

        (await fixture.PullAsync()).Reason!.ShouldContain("this host has no store for secrets of the kind 'vault'. It has: env.");
    }

    [Fact]
    public async Task Pull_RedirectedToAnotherHost_GoesThereWithoutCredentials()
    {
        using var token = new Variable("s3cr3t");
        await using var other = await TestServer.StartAsync(c => c.Response.WriteAsync(Csv));
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.Redirect($"{other.Url}/signed");
            return Task.CompletedTask;
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", headers: {{ x-api-key: \"env:{token.Name}\", accept: text/csv }} }}");

        (await fixture.PullAsync()).Status.ShouldBe(PullStatus.Stored);

        server.Requests.Single().Headers["x-api-key"].ToString().ShouldBe("s3cr3t");
        other.Requests.Single().Headers.ContainsKey("x-api-key").ShouldBeFalse();
        other.Requests.Single().Headers.Accept.ToString().ShouldBe("text/csv");
    }

    [Fact]
    public async Task Pull_RefusedCredentials_NamesTheReferenceAndIsNotTriedAgain()
    {
        using var token = new Variable("s3cr3t");
        await using var server = await TestServer.StartAsync(c =>
        {
            c.Response.StatusCode = 401;
            return Task.CompletedTask;
        });
        using var fixture = new SourceFixture($"  - {{ name: shop, kind: http, url: \"{server.Url}/orders.csv\", headers: {{ x-api-key: \"env:{token.Name}\" }} }}");

        (await fixture.PullAsync()).Reason!.ShouldContain($"the source answered 401 Unauthorized. Check the credentials that were sent (x-api-key: env:{token.Name}).");
        server.Requests.Count.ShouldBe(1);
    }

    private static async Task<string> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    private sealed class Variable : IDisposable
    {
        public Variable(string value)
        {
            Name = "SOURCE_TEST_" + Guid.NewGuid().ToString("N");
            Value = value;
            Environment.SetEnvironmentVariable(Name, value);
        }

        public string Name { get; }

        public string Value { get; }

        public void Dispose() => Environment.SetEnvironmentVariable(Name, null);
    }
}
