using System.Diagnostics;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// The effective web settings. An access compares them with the files, at most once a second. If the files are invalid,
/// the old settings stay, and the log reports it once.
/// </summary>
sealed partial class CurrentWebSettings
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    readonly string _path;
    readonly Lock _lock = new();
    InputFiles _files = new();
    volatile WebSettings _value;
    ILogger? _logger;
    string? _complaint;
    long _comparedAt = Stopwatch.GetTimestamp();

    /// <summary>Loads the settings.</summary>
    /// <param name="path">The path of the file; empty for none.</param>
    /// <exception cref="SettingException">The settings are invalid.</exception>
    public CurrentWebSettings(string path)
    {
        _path = path;
        _value = path.Length == 0 ? WebSettings.Open : WebSettings.Load(path, _files);
    }

    /// <summary>The effective settings.</summary>
    public WebSettings Value
    {
        get
        {
            // During a comparison, other callers use the present settings.
            if (
                _path.Length > 0
                && Stopwatch.GetElapsedTime(Volatile.Read(ref _comparedAt)) >= Interval
                && _lock.TryEnter()
            )
            {
                try
                {
                    Compare();
                }
                finally
                {
                    Volatile.Write(ref _comparedAt, Stopwatch.GetTimestamp());
                    _lock.Exit();
                }
            }

            return _value;
        }
    }

    /// <summary>Logs all later changes, and the oddities of the present settings.</summary>
    public void LogTo(ILogger logger)
    {
        _logger = logger;
        LogOddities();
    }

    void Compare()
    {
        if (!_files.Changed())
            return;
        var files = new InputFiles();
        try
        {
            var loaded = WebSettings.Load(_path, files);

            // A file that is written in place is empty for a moment. It must not remove the passwords.
            if (string.IsNullOrWhiteSpace(files[_path]))
                throw new SettingException($"{_path}: is empty");
            if (loaded.Users.IsEmpty && !_value.Users.IsEmpty)
            {
                throw new SettingException(
                    $"{_path}: expected users, as before, found none; restart to remove authentication"
                );
            }

            if (_value.Tls is { Clients.IsRequired: true } && loaded.Tls is { Clients.IsRequired: false })
            {
                throw new SettingException(
                    $"{_path}: expected client certificates to be required, as before; restart to "
                        + "accept clients without one"
                );
            }

            if (loaded.Tls is null != _value.Tls is null || loaded.Http2 != _value.Http2)
                throw new SettingException($"{_path}: restart to turn TLS or HTTP/2 on or off");
            _value = loaded;
            if (_logger is not null)
                Reloaded(_logger, _path);
            _complaint = null;
            LogOddities();
        }
#pragma warning disable CA1031 // Whatever goes wrong, the old settings are still good.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // Each fault is logged once, and again when it changes. A key that is replaced after its certificate is a
            // fault only for a moment.
            if (_logger is not null && _complaint != error.Message)
                KeepsOld(_logger, error.Message);
            _complaint = error.Message;
        }

        _files = files;
    }

    void LogOddities()
    {
        if (_logger is null || _value.Tls is not { } tls)
            return;
        var certificate = tls.Certificate.TargetCertificate;
        if (certificate.NotAfter < DateTime.Now || certificate.NotBefore > DateTime.Now)
        {
            NotValid(
                _logger,
                certificate.Subject,
                certificate.NotBefore.ToUniversalTime(),
                certificate.NotAfter.ToUniversalTime()
            );
        }

        foreach (var key in tls.Ignored)
            HasNoEffect(_logger, _path, key);
    }

    [LoggerMessage(LogLevel.Information, "Read {Path} again")]
    static partial void Reloaded(ILogger logger, string path);

    [LoggerMessage(LogLevel.Error, "The changed web configuration is invalid; the old one stays: {Reason}")]
    static partial void KeepsOld(ILogger logger, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "Certificate {Subject} is only valid from {From:O} to {To:O}; clients will refuse it"
    )]
    static partial void NotValid(ILogger logger, string subject, DateTime from, DateTime to);

    [LoggerMessage(LogLevel.Warning, "{Path}: {Key} has no effect; openssl.cnf decides")]
    static partial void HasNoEffect(ILogger logger, string path, string key);
}
