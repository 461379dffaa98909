using Serverless.Problems;
using Serverless.Storage;

namespace Serverless.Core.Tests.Storage;

public sealed class ObjectKeyTests
{
    [Theory]
    [InlineData("../x", "'..' is not a name")]
    [InlineData("landing/../../etc/passwd", "'..' is not a name")]
    [InlineData("landing/./a", "'.' is not a name")]
    [InlineData("/landing/a", "it starts with '/'")]
    [InlineData("landing//a", "it has an empty segment ('//' or a '/' at the end)")]
    [InlineData("landing/a\\b", "it contains a backslash; segments are separated by '/'")]
    [InlineData("landing/a\tb", "it contains the control character U+0009 at position 10")]
    [InlineData("landing/a.", "segment 'a.' ends with a dot, which Blob Storage and Windows do not keep")]
    [InlineData("landing", "it names a container but no object in it")]
    [InlineData("model/a", "'model' is not a container. Did you mean 'models'")]
    [InlineData("", "it is empty")]
    public void Check_BadKey_SaysWhatIsWrong(string key, string reason)
    {
        Should.Throw<RequestException>(() => ObjectKey.Check(key)).Message.ShouldEndWith($"cannot be used: {reason}.");
        ObjectKey.IsValid(key).ShouldBeFalse();
    }

    [Fact]
    public void Check_Limits_AreExact()
    {
        ObjectKey.Check("data/" + new string('x', 255)).Length.ShouldBe(260);
        Should.Throw<RequestException>(() => ObjectKey.Check("data/" + new string('x', 256))).Message.ShouldContain("is longer than 255 bytes");
        Should.Throw<RequestException>(() => ObjectKey.Check("data/" + new string('é', 128))).Message.ShouldContain("is longer than 255 bytes");
        var long1000 = "data/" + string.Join('/', Enumerable.Repeat(new string('x', 198), 5)) + "y";
        ObjectKey.Check(long1000).Length.ShouldBe(1000);
        Should.Throw<RequestException>(() => ObjectKey.Check(long1000 + "z")).Message.ShouldContain("it has 1001 characters, at most 1000 are allowed");
        Should.Throw<RequestException>(() => ObjectKey.Check("data" + string.Concat(Enumerable.Repeat("/x", 100)))).Message.ShouldContain("101 segments");
    }

    [Fact]
    public void Check_LoneSurrogate_IsRefusedAndAPairIsNot()
    {
        Should.Throw<RequestException>(() => ObjectKey.Check("data/\uD800x")).Message.ShouldContain("U+D800 at position 6, which is no character");
        Should.Throw<RequestException>(() => ObjectKey.Check("data/x\uDC00")).Message.ShouldContain("U+DC00 at position 7");
        ObjectKey.Check("data/😀").ShouldBe("data/😀");
    }

    [Fact]
    public void CheckPrefix_Container_MeansAllInIt()
    {
        ObjectKey.CheckPrefix("data").ShouldBe("data/");
        ObjectKey.CheckPrefix("data/fl").ShouldBe("data/fl");
        ObjectKey.CheckPrefix("data/flights.").ShouldBe("data/flights.");
    }
}
