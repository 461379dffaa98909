using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Storage;

public sealed class IdSourceTests
{
    [Fact]
    public void Next_System_IsOfTheLengthAndAlphabetAndNotRepeated()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => IdSource.System.Next(16)).ToList();
        ids.ShouldAllBe(id => id.Length == 16 && id.All("0123456789abcdefghjkmnpqrstvwxyz".Contains));
        ids.Distinct().Count().ShouldBe(1000);
    }

    [Fact]
    public void Next_SameSeed_Repeats()
    {
        var (a, b, c) = (new SeededIds(1), new SeededIds(1), new SeededIds(2));
        for (var i = 0; i < 10; i++) a.Next(8).ShouldBe(b.Next(8));
        a.Next(8).ShouldNotBe(c.Next(8));
    }
}
