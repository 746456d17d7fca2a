using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Gateway;
using static OpenClaw.Exporter.Tests.GatewayLines;

namespace OpenClaw.Exporter.Tests;

/// <summary>The lines of a real Gateway, which has Node's errno texts and no codes.</summary>
public class GatewayLogTests
{
    const string Resource = ClwCodes.ResourceLimit;
    const string Exhausted = ClwCodes.NetworkExhausted;
    const string Conflict = ClwCodes.PortConflict;
    const string Timeout = ClwCodes.ConnectionTimeout;

    [Theory]
    [InlineData("EMFILE: too many open files, watch '/home/u/.openclaw/skills'", Resource, "EMFILE", "watch")]
    [InlineData("EMFILE: too many open files, open '/home/u/a, b'", Resource, "EMFILE", "open")]
    [InlineData("Error: ENFILE: file table overflow, open '/etc/hosts'", Resource, "ENFILE", "open")]
    [InlineData("hard-exit watchdog failed; a: Worker initialization failure: EMFILE", Resource, "EMFILE", "other")]
    [InlineData("connect EMFILE 10.0.0.5:443 - Local (undefined:undefined)", Resource, "EMFILE", "connect")]
    [InlineData("accept EMFILE", Resource, "EMFILE", "accept")]
    [InlineData("listen EMFILE: too many open files 0.0.0.0:1", Resource, "EMFILE", "other")]
    [InlineData("spawn EBADF", Resource, "EBADF", "spawn")]
    [InlineData("exec failed: spawn /bin/sh EAGAIN", Resource, "EAGAIN", "spawn")]
    [InlineData("spawnSync git EMFILE", Resource, "EMFILE", "spawn")]
    [InlineData("connect EADDRNOTAVAIL 10.0.0.5:443 - Local (0.0.0.0:0)", Exhausted, "EADDRNOTAVAIL", "connect")]
    [InlineData("fetch failed (EADDRNOTAVAIL)", Exhausted, "EADDRNOTAVAIL", "connect")]
    [InlineData("listen EADDRINUSE: address already in use 127.0.0.1:18789", Conflict, "EADDRINUSE", "listen")]
    [InlineData("bind EADDRINUSE 0.0.0.0:5353", Conflict, "EADDRINUSE", "bind")]
    [InlineData("connect EADDRINUSE 10.0.0.5:443 - Local (0.0.0.0:40000)", Conflict, "EADDRINUSE", "connect")]
    [InlineData("another gateway instance is already listening on ws://[::1]:18789", Conflict, "EADDRINUSE", "listen")]
    [InlineData("connect ETIMEDOUT 10.0.0.5:443", Timeout, "ETIMEDOUT", "connect")]
    [InlineData("read ETIMEDOUT", Timeout, "ETIMEDOUT", "other")]
    [InlineData("read ECONNRESET", Timeout, "ECONNRESET", "read")]
    [InlineData("write ECONNRESET", Timeout, "ECONNRESET", "other")]
    [InlineData("getaddrinfo EAI_AGAIN api.example.com", Timeout, "EAI_AGAIN", "resolve")]
    [InlineData("ENOSPC: System limit for number of file watchers reached", Resource, "ENOSPC", "watch")]
    [InlineData("ENOSPC: System limit for number of file watchers reached, watch '/a'", Resource, "ENOSPC", "watch")]
    public void An_errno_text_is_counted_by_code_and_by_call(string text, string code, string errno, string call)
    {
        ImmutableArray<string> lines =
        [
            text,
            $"2026-11-28T08:18:41.654+00:00 [gateway] {text}",
            $"\e[90m2026-11-28T08:18:41.654+00:00\e[39m \e[36m[gateway]\e[39m \e[31m{text}\e[39m",
            JsonLine(text),
            $"{{\"0\":\"{{\\\"subsystem\\\":\\\"gateway\\\"}}\",\"1\":{JsonSerializer.Serialize(text)}}}",
            $"{{\"1\":{{\"error\":{JsonSerializer.Serialize("Error: " + text)}}},\"2\":\"a\",\"message\":\"a\"}}",
        ];

        Assert.All(lines, line =>
        {
            var errors = Read(line + "\n");

            Assert.Equal(1, errors.Counts.Values.Sum());
            Assert.Equal(1, errors.Counts[code]);
            Assert.Equal(new(errno, call, 1), Assert.Single(errors.Errnos, static row => row.Count > 0));
        });
    }

    [Theory]
    [InlineData("connect EADDRNOTAVAIL 10.0.0.5:443 - Local (0.0.0.0:0)", "connect to 10.0.0.5:443", "EADDRNOTAVAIL")]
    [InlineData("EMFILE: too many open files, watch '/home/u/a b'", "watch /home/u/a b", "EMFILE")]
    [InlineData("spawn /bin/sh EAGAIN", "spawn /bin/sh", "EAGAIN")]
    [InlineData("spawn EBADF", "spawn", "EBADF")]
    [InlineData("listen EADDRINUSE: address already in use :::18789", "listen on :::18789", "EADDRINUSE")]
    [InlineData("listen EADDRINUSE: address already in use /run/a.sock", "listen on /run/a.sock", "EADDRINUSE")]
    [InlineData("bind EADDRINUSE 0.0.0.0:5353", "bind to 0.0.0.0:5353", "EADDRINUSE")]
    [InlineData(
        "another gateway instance is already listening on ws://127.0.0.1:18789 | listen EADDRINUSE",
        "listen",
        "EADDRINUSE"
    )]
    [InlineData(
        "another gateway instance is already listening on ws://u:p@127.0.0.1:18789/a?token=b.",
        "listen on 127.0.0.1:18789",
        "another gateway instance is already listening"
    )]
    [InlineData("getaddrinfo EAI_AGAIN api.example.com", "resolve api.example.com", "EAI_AGAIN")]
    [InlineData("read ECONNRESET", "read", "ECONNRESET")]
    [InlineData("a1: Worker initialization failure: EMFILE", "Worker initialization failure", "EMFILE")]
    [InlineData("Error: EMFILE: too many open files, uv_resident_set_memory", "uv_resident_set_memory", "EMFILE")]
    [InlineData(
        "[reload] watcher error; retry in 500ms: Error: EMFILE: too many open files, scandir '/home/u/.openclaw'",
        "open /home/u/.openclaw",
        "EMFILE"
    )]
    [InlineData(
        "Gateway failed to start: Error [ERR_WORKER_INIT_FAILED]: Worker initialization failure: EMFILE. Run openclaw",
        "Worker initialization failure",
        "EMFILE"
    )]
    [InlineData("request to https://a.example/bot123:secret/ failed EMFILE", "", "EMFILE")]
    public void The_event_has_the_failed_call_its_target_and_the_errno(string text, string context, string details)
    {
        var seen = Assert.Single(Read(text + "\n").Recent);

        Assert.Equal((context, details), (seen.Context, seen.Details));
    }

    [Theory]
    [InlineData("ENOENT: no such file or directory, open '/tmp/EMFILE/x'")]
    [InlineData("loaded /tmp/EMFILE and EMFILE/x and my-EMFILE and os.constants.errno.EMFILE")]
    [InlineData("XEMFILE EMFILES EMFILE_X NOTEADDRINUSE")]
    [InlineData("emfile")]
    [InlineData("ENOSPC: no space left on device, write")]
    [InlineData("ENOSPC: no space left on device, write '/home/u/watch/watchers'")]
    [InlineData("ENOSPC: no space left on device, open '/home/u/watch'")]
    [InlineData("EBADF: bad file descriptor, read")]
    [InlineData("read EAGAIN")]
    [InlineData("bind EADDRNOTAVAIL 10.0.0.9:18789")]
    [InlineData("listen EADDRNOTAVAIL: address not available 10.0.0.9:18789")]
    [InlineData("connect ECONNREFUSED 10.0.0.5:443")]
    [InlineData("  code: 'EMFILE',")]
    [InlineData("ready")]
    public void Other_texts_are_not_counted(string text)
    {
        Assert.Equal(0, Read(text + "\n").Counts.Values.Sum());
        Assert.Equal(0, Read(JsonLine(text) + "\n").Counts.Values.Sum());
        Assert.Empty(Read(text + "\n").Errnos);
    }

    [Fact]
    public void A_line_counts_once()
    {
        var errors = Read(
            "connect EADDRNOTAVAIL 10.0.0.5:443 EMFILE EADDRINUSE\nclw-port-conflict: listen EADDRINUSE\n"
        );

        Assert.Equal(
            [1, 1, 0, 0],
            ((string[])[Exhausted, Conflict, Resource, Timeout]).Select(code => errors.Counts[code])
        );
        Assert.Equal(1, errors.Errnos.Sum(static row => row.Count));
    }

    /// <summary>The console of a Gateway that ends without descriptors.</summary>
    [Fact]
    public void An_error_that_Node_prints_with_its_members_counts_once()
    {
        var errors = Read(
            "node:internal/process/per_thread:217\n    _memoryUsage(memValues);\n    ^\n\n"
                + "Error: EMFILE: too many open files, uv_resident_set_memory\n"
                + "    at process.memoryUsage (node:internal/process/per_thread:217:5) {\n"
                + "  errno: -24,\n  code: 'EMFILE',\n  syscall: 'uv_resident_set_memory'\n}\n\nNode.js v24.21.0\n"
        );

        Assert.Equal(1, errors.Counts[Resource]);
    }

    /// <summary>As the logger writes an error among its arguments.</summary>
    [Fact]
    public void An_errno_with_its_call_comes_before_a_bare_one()
    {
        var errors = Read("{\"0\":{\"code\":\"EMFILE\",\"message\":\"EMFILE: too many open files, watch '/a'\"}}\n");

        Assert.Equal(new("EMFILE", "watch", 1), Assert.Single(errors.Errnos, static row => row.Count > 0));
        Assert.Equal("watch /a", errors.Recent[0].Context);
    }

    [Fact]
    public void A_block_counts_once_and_keeps_its_texts()
    {
        const string Block = "[OpenClaw Error] connect EADDRNOTAVAIL\nError Code: clw-network-exhausted\n";
        const string Texts = "Context: network\nDetails: connect EADDRNOTAVAIL 10.0.0.5:443";
        ClwErrors[] all = [Read(Block + Texts + "\n"), Read(JsonLine(Block + Texts) + "\n")];

        Assert.All(all, static errors =>
        {
            Assert.Equal(1, errors.Counts.Values.Sum());
            Assert.Equal(
                ("network", "connect EADDRNOTAVAIL 10.0.0.5:443"),
                (errors.Recent[0].Context, errors.Recent[0].Details)
            );
        });
    }

    [Fact]
    public void A_code_that_is_no_network_matter_is_counted_and_alarms_nobody()
    {
        var errors = Read(JsonLine("clw-auth-failed: token expired") + "\n");

        Assert.Equal(1, errors.Counts["clw-auth-failed"]);
        Assert.Null(Catalogue.Alert.OfClwError("clw-auth-failed"));
    }

    [Theory]
    [InlineData("{\"time\":\"2026-11-28T10:30:00.5+02:00\",\"message\":\"spawn EBADF\"}", "08:30:00.500")]
    [InlineData("{\"_meta\":{\"date\":\"2026-11-28T08:18:58.687Z\"},\"message\":\"spawn EBADF\"}", "08:18:58.687")]
    [InlineData("2026-11-28T08:18:41.654+00:00 [gateway] spawn EBADF", "08:18:41.654")]
    [InlineData("2026-11-28T08:18:41Z Error Code: clw-port-conflict", "08:18:41.000")]
    [InlineData("{\"time\":\"2026-11-28T12:00:01Z\",\"message\":\"spawn EBADF\"}", "12:00:00.000")]
    [InlineData("{\"time\":\"0001-01-01T00:00:00Z\",\"message\":\"spawn EBADF\"}", "12:00:00.000")]
    [InlineData("{\"time\":7,\"message\":\"spawn EBADF\"}", "12:00:00.000")]
    [InlineData("2026-11-28T08:18:41 spawn EBADF", "12:00:00.000")]
    [InlineData("spawn EBADF", "12:00:00.000")]
    public void The_time_is_that_of_the_line_unless_it_is_impossible(string line, string time) =>
        Assert.Equal(time, Read(line + "\n").Recent[0].Time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
}
