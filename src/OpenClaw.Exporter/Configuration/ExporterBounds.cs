namespace OpenClaw.Exporter.Configuration;

/// <summary>The limits on clients, on the log and on YAML of any author.</summary>
static class ExporterBounds
{
    /// <summary>The nesting of a YAML file.</summary>
    public const int YamlDepth = 64;

    /// <summary>The keys of a YAML file.</summary>
    public const int YamlKeys = 2000;

    /// <summary>The values, lists and mappings of a YAML file, keys included.</summary>
    public const int YamlNodes = 10_000;

    /// <summary>The aliases of a YAML file.</summary>
    public const int YamlAliases = 100;

    /// <summary>The connections of all clients. At the limit, the longest idle one of the greediest ends.</summary>
    public const int Connections = 512;

    /// <summary>The seconds from a request to the end of its answer, for a client of any speed.</summary>
    public const int AnswerSeconds = 20;

    /// <summary>The bytes of an answer that wait for one client, besides those in the kernel.</summary>
    public const int UnreadAnswerBytes = 16 * 1024;

    /// <summary>The requests at once of one HTTP/2 connection.</summary>
    public const int Http2Streams = 16;

    /// <summary>The requests that a client may cancel on one connection before it ends.</summary>
    public const int CancelledRequests = 100;

    /// <summary>The milliseconds for requests in progress when the exporter ends.</summary>
    public const int EndMilliseconds = 1500;

    /// <summary>The passwords that wait to be compared.</summary>
    public const int WaitingPasswords = 32;

    /// <summary>The configuration files of OpenClaw's services.</summary>
    public const int ServiceFiles = 200;

    /// <summary>The bytes of an answer of a Gateway.</summary>
    public const int GatewayAnswerBytes = 64 * 1024;

    /// <summary>The bytes of the file with the token for a Gateway.</summary>
    public const int TokenFileBytes = 16 * 1024;

    /// <summary>The bytes that the status command prints.</summary>
    public const int StatusBytes = 1024 * 1024;

    /// <summary>The log events that wait to be written.</summary>
    public const int WaitingLogEvents = 1000;

    /// <summary>The log events of a kind in a minute; one where clients can cause them.</summary>
    public const int LogEventsOfKind = 20;
}
