using System.Text;
using CsCheck;

namespace Serverless.Web.Tests.Predict;

public sealed class FuzzTests
{
    private static readonly string[] Seeds =
    [
        $$"""{"rows":[{{Flights.GoodRow}},{{Flights.GoodRow}}],"subject":"é😀","explain":false}""",
        """{"rows":[{"date":"2001-06-30 14:05:00.1234567","origin":"\u0041\uD83D\uDE00","distance":-1.5e-300,"seats":null,"cancelled":true}]}""",
        """{"rows":[{"d\u0061te":"2001-06-30T14:05:00+14:00","origin":"","delay":[[[{}]]]}]}""",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\uD800", "\\udfff", "null", "true", "NaN", "-Infinity", "1e999", "-0", "00", "9223372036854775808", "\0", "\n",
        "\"rows\":", "\"date\":", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"\\uD800\":1", "//", "\uFEFF", "[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":",
    ];

    private static readonly Gen<byte[]> Bodies =
        from seed in Gen.Int[0, Seeds.Length - 1].Select(i => Seeds[i])
        from edits in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 400], Gen.Int[0, 40], Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]), Gen.Byte).Array[1, 4]
        select edits.Aggregate(Encoding.UTF8.GetBytes(seed), (body, e) =>
        {
            var (kind, place, length, piece, value) = e;
            var at = body.Length == 0 ? 0 : place % body.Length;
            var end = Math.Min(body.Length, at + length);
            return kind switch
            {
                0 => [.. body[..at], .. body[end..]],
                1 => [.. body[..at], .. Encoding.UTF8.GetBytes(piece), .. body[at..]],
                2 when body.Length > 0 => [.. body[..at], value, .. body[(at + 1)..]],
                _ => [.. body[..end], .. body[at..]],
            };
        });

    [Fact]
    public async Task Predict_MutatedBodies_AreAnsweredOrRefusedButNeverFail()
    {
        await using var host = await WebHost.StartAsync();
        var statuses = new SortedDictionary<int, int>();
        await Bodies.SampleAsync(async body =>
        {
            using var response = await host.Client.PostAsync("/v1/models/late/predict", new ByteArrayContent(body));
            var status = (int)response.StatusCode;
            lock (statuses) statuses[status] = statuses.GetValueOrDefault(status) + 1;
            var text = await response.Content.ReadAsStringAsync();
            status.ShouldBeOneOf([200, 400, 413], Encoding.UTF8.GetString(body) + " -> " + text + host.Log.All);
            if (status != 200) text.ShouldContain("\"errors\":{");
        }, iter: 3000, threads: 2);
        statuses.Keys.ShouldContain(200);
        statuses.Keys.ShouldContain(400);
        host.Log.Entries.ShouldNotContain(e => e.Id == 6001);
    }
}
