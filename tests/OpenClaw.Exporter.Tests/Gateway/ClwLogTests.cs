using System.Globalization;
using System.Text;
using OpenClaw.Exporter.Gateway;

namespace OpenClaw.Exporter.Tests;

public class ClwLogTests
{
    const string Code = "clw-network-exhausted";

    [Theory]
    [InlineData("Error Code: clw-network-exhausted\n", 1)]
    [InlineData("2026-11-23T10:00:00Z [error] Error Code: clw-network-exhausted\r\n", 1)]
    [InlineData("level=error code=clw-network-exhausted msg=\"no ports\"\n", 1)]
    [InlineData("{\"level\":\"error\",\"code\":\"clw-network-exhausted\"}\n", 1)]
    [InlineData("failed: clw-network-exhausted (clw-network-exhausted).\n", 1)]
    [InlineData("[OpenClaw Error] clw-network-exhausted\nError Code: clw-network-exhausted\nContext: network\n", 1)]
    [InlineData(
        "Error Code: clw-network-exhausted\nContext: clw-network-exhausted\nDetails: again clw-network-exhausted\n",
        1
    )]
    [InlineData("Error Code: clw-network-exhausted\nError Code: clw-network-exhausted\n", 2)]
    [InlineData(
        "[OpenClaw Error] a\nError Code: clw-network-exhausted\n[OpenClaw Error] b\nError Code: "
            + "clw-network-exhausted\n",
        2
    )]
    [InlineData("[OpenClaw Error] clw-network-exhausted\n[OpenClaw Error] clw-network-exhausted\n", 2)]
    [InlineData("see https://docs.openclaw.example/errors/clw-network-exhausted\n", 0)]
    [InlineData("xclw-network-exhausted my-clw-network-exhausted\n", 0)]
    [InlineData("clw-\nclw--\nclw\n", 0)]
    [InlineData("Error Code: clw-network-exhausted", 0)]
    public void Each_error_counts_once(string text, long count) =>
        Assert.Equal(count, Read(text).Counts.Where(static pair => pair.Key == Code).Sum(static pair => pair.Value));

    [Fact]
    public void A_code_that_nobody_knew_gets_its_own_count() =>
        Assert.Equal(2, Read("clw-disk-full\ncode=clw-disk-full\n").Counts["clw-disk-full"]);

    [Fact]
    public void Unknown_codes_are_bounded_and_none_is_lost()
    {
        var text = string.Concat(
            Enumerable
                .Range(0, 10_000)
                .Select(static i => string.Create(CultureInfo.InvariantCulture, $"clw-made-up-{i}\n"))
        );

        var counts = Read(text).Counts;

        Assert.Equal(ClwCodes.All.Length + 6, counts.Count);
        Assert.Equal(10_000 - 5, counts["other"]);
        Assert.Equal(10_000, counts.Values.Sum());
    }

    [Fact]
    public void Long_details_are_cut() =>
        Assert.Equal(
            500,
            Read("Error Code: " + Code + "\nDetails: " + new string('x', 7000) + "\n").Recent[0].Details.Length
        );

    /// <summary>The first error of a cascade usually names the cause.</summary>
    [Fact]
    public void The_last_few_errors_are_kept_each_with_its_own_texts()
    {
        var recent = Read(
            string.Concat(
                Enumerable
                    .Range(0, 8)
                    .Select(static i => $"Error Code: clw-{i}\nContext: context {i}\nDetails: details {i}\n")
            )
        ).Recent;

        Assert.Equal(
            [.. Enumerable.Range(3, 5).Reverse().Select(static i => ($"clw-{i}", $"context {i}", $"details {i}"))],
            recent.Select(static seen => (seen.Code, seen.Context, seen.Details))
        );
    }

    static ClwErrors Read(string text)
    {
        var log = new ClwLog(TimeProvider.System);
        log.Append(Encoding.UTF8.GetBytes(text));
        return log.Errors;
    }
}
