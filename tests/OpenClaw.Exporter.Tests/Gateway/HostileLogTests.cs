using System.Collections.Immutable;
using System.Text;
using CsCheck;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.Wording;
using static OpenClaw.Exporter.Tests.GatewayLines;

namespace OpenClaw.Exporter.Tests;

/// <summary>Lines that are cut, broken or meant to harm.</summary>
public class HostileLogTests
{
    [Fact]
    public void A_line_in_JSON_that_is_cut_is_still_read()
    {
        var error = "\"message\":\"connect EADDRNOTAVAIL 10.0.0.5:443\"";
        var filler = $"\"stack\":\"{new string('x', 9000)}\"";

        Assert.Equal(1, Read($"{{{error},{filler}}}\n").Counts[ClwCodes.NetworkExhausted]);
        Assert.Equal(
            1,
            Read($"{{\"message\":\"connect EADDRNOTAVAIL {new string('x', 9000)}\"}}\n").Counts[
                ClwCodes.NetworkExhausted
            ]
        );
        Assert.Equal(1, Read($"{{{error} this is no JSON\n").Counts[ClwCodes.NetworkExhausted]);
        Assert.Equal(0, Read($"{{{filler},{error}}}\n").Counts[ClwCodes.NetworkExhausted]);
    }

    [Fact]
    public void Hostile_lines_become_one_visible_line()
    {
        var hostile = "/a\e]0;title\a\r\nb\u202e\u2028<script>";
        var texts = string.Concat(
            $"EMFILE: too many open files, watch '{hostile}'\n".Replace("\r\n", "", StringComparison.Ordinal),
            JsonLine($"EMFILE: too many open files, watch '{hostile}'"),
            "\n",
            $"spawn {new string('x', 1 << 20)} EMFILE\n",
            $"spawn /{new string('x', 100)} EMFILE {new string('x', 1 << 20)}\n",
            new string('[', 5000) + "EMFILE\n",
            "{\"0\":" + new string('[', 5000) + "\"spawn EMFILE\"" + new string(']', 2000) + "}\n",
            "{\"message\":\"\\ud800 spawn EMFILE\"}\n"
        );

        var errors = Read(texts);

        Assert.Equal(6, errors.Counts[ClwCodes.ResourceLimit]);
        Assert.All(errors.Recent, static seen =>
        {
            Assert.True(VisibleText.IsPlain(seen.Context), seen.Context);
            Assert.InRange(seen.Context.Length, 0, 210);
        });
    }

    /// <summary>Each broken line costs an exception, and a program could write millions.</summary>
    [Fact]
    public void A_file_of_broken_JSON_is_read_as_text()
    {
        const int Lines = 100_000;
        var log = CreateLog();
        log.Append(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"spawn EMFILE\"x\n", Lines))));
        log.EndFile();
        log.Append(Encoding.UTF8.GetBytes(JsonLine("getaddrinfo EAI_AGAIN a.example") + "\n"));

        Assert.Equal(
            (Lines, 1),
            (log.Errors.Counts[ClwCodes.ResourceLimit], log.Errors.Counts[ClwCodes.ConnectionTimeout])
        );
        Assert.Equal("resolve a.example", log.Errors.Recent[0].Context);
        Assert.Equal(new(2026, 11, 28, 8, 18, 58, 687, TimeSpan.Zero), log.Errors.Recent[0].Time);
    }

    /// <summary>Any bytes, also pieces of real lines, in any pieces.</summary>
    [Fact]
    public void Random_bytes_never_throw()
    {
        ImmutableArray<string> pieces =
        [
            .. ErrnoTable.Rows.Select(static row => row.Errno),
            "another gateway instance is already listening",
            "spawn ",
            "connect ",
            ", watch '",
            ": too many open files",
            " 10.0.0.5:443 ",
            "ws://a@b:1/",
            "{\"message\":\"",
            "{\"0\":{\"a\":\"",
            "\",\"time\":\"2026-11-28T08:18:41.654+00:00",
            "\",\"_meta\":{\"date\":\"",
            "\"}\n",
            "\\ud800",
            "\\u001b[31m",
            "\e[",
            "31m",
            "[OpenClaw Error]",
            "Error Code: clw-a",
            "Context:",
            "Details:",
            "code: '",
            "\n",
            "}",
            "]",
            "::",
            " ",
        ];
        var bytes = Gen.OneOf(
            Gen.Byte.Array[0, 40],
            Gen.Int[0, pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(pieces[i]))
        );

        bytes
            .Array[0, 60]
            .Sample(
                static all =>
                {
                    var log = CreateLog();
                    foreach (var part in all)
                        log.Append(part);
                    log.EndFile();
                    return log.Errors.Recent.All(static seen =>
                        VisibleText.IsPlain(seen.Context) && VisibleText.IsPlain(seen.Details)
                    );
                },
                iter: 20_000
            );
    }
}
