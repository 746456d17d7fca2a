using System.Net;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http.Features;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// The checks that every request passes first: headers, rate, user, and the number of simultaneous requests. A health
/// check without a user passes all limits. It costs nothing, and would otherwise use up the rate of scrapers.
/// </summary>
/// <param name="settings">The settings with the users.</param>
/// <param name="requestsAtMost">The limit on simultaneous requests; 0 for no limit.</param>
/// <param name="names">The names of the server.</param>
/// <param name="refusals">The refused clients.</param>
sealed class WebDoor(CurrentWebSettings settings, int requestsAtMost, HostNames names, Refusals refusals) : IDisposable
{
    const string Challenge = "Basic realm=\"openclaw-exporter\", charset=\"UTF-8\"";

    static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(ExporterBounds.AnswerSeconds);

    readonly Passwords _passwords = new();
    readonly Places _places = new(requestsAtMost);
    readonly Lock _lock = new();
    RequestRate? _rate;
    TokenBucketRateLimiter? _limiter;

    /// <summary>Passes a request on, or refuses it. Its connection is not idle meanwhile.</summary>
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var connection = context.Features.Get<Place>();
        connection?.Begin();

        // The server's own limit on slow readers begins anew with each answer, and counts bytes that nobody has read.
        using var late = new Timer(
            state =>
            {
                refusals.Count(Refusal.SlowReader, ClientOf(context));
                ((HttpContext)state!).Abort();
            },
            context,
            AnswerTime,
            Timeout.InfiniteTimeSpan
        );
        try
        {
            await AdmitAsync(context, next);
        }
        catch (Exception error)
            when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        finally
        {
            connection?.End(context.RequestAborted.IsCancellationRequested);
            if (connection is { Cancelled: > ExporterBounds.CancelledRequests })
            {
                refusals.Count(Refusal.Cancelled, ClientOf(context));
                connection.Close();
            }
        }
    }

    async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        var current = settings.Value;
        AddHeaders(context.Response, current);
        var path = context.Request.Path;
        var isHealthCheck =
            (path == ServedPaths.Alive || path == ServedPaths.Ready)
            && context.Request.Headers.Authorization.Count == 0;
        if (!isHealthCheck && !IsWithin(current.Rate))
        {
            await DenyAsync(context, Refusal.Requests, StatusCodes.Status429TooManyRequests, "too many requests");
            return;
        }

        if (names.Refuses(context.Request))
        {
            refusals.Count(Refusal.Host, context.Request.Host.Host);
            await DenyAsync(
                context,
                null,
                StatusCodes.Status421MisdirectedRequest,
                "browsers may use an IP address, localhost, the host name, or a name of --web.allowed-hosts"
            );
            return;
        }

        // No endpoint here takes a body. Without this check, the server would read a body to its end and discard it.
        if (
            context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true
            && context.Request.ContentLength != 0
        )
        {
            context.Response.Headers.Connection = "close";
            await DenyAsync(context, null, StatusCodes.Status413PayloadTooLarge, "requests must not have a body");
            return;
        }

        if (!current.Users.IsEmpty)
        {
            var check = await CheckAsync(context, current);
            if (check == PasswordCheck.Busy)
            {
                const int busy = StatusCodes.Status503ServiceUnavailable;
                await DenyAsync(context, Refusal.Requests, busy, "too many logins at once");
                return;
            }

            if (check == PasswordCheck.Wrong)
            {
                context.Response.Headers.WWWAuthenticate = Challenge;
                const int wrong = StatusCodes.Status401Unauthorized;
                var reason = context.Request.Headers.Authorization.Count > 0 ? Refusal.Password : (Refusal?)null;
                await DenyAsync(context, reason, wrong, "user name and password required");
                return;
            }
        }

        if (isHealthCheck)
        {
            await next(context);
            return;
        }

        var place = _places.TryTake(context.Connection.RemoteIpAddress, isIdle: false, context.Abort, out _);
        if (place is null)
        {
            await DenyAsync(
                context,
                Refusal.Requests,
                StatusCodes.Status503ServiceUnavailable,
                FormattableString.Invariant($"more than {requestsAtMost} requests at once (--web.max-requests)")
            );
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            _places.Free(place);
        }
    }

    public void Dispose()
    {
        _passwords.Dispose();
        _limiter?.Dispose();
    }

    /// <summary>
    /// Adds the headers just before the response starts, so that the configured headers replace those of an endpoint.
    /// </summary>
    static void AddHeaders(HttpResponse response, WebSettings settings) =>
        response.OnStarting(
            static state =>
            {
                var (response, settings) = ((HttpResponse, WebSettings))state;
                response.Headers.XContentTypeOptions = "nosniff";
                foreach (var (name, value) in settings.Headers)
                    response.Headers[name] = value;
                return Task.CompletedTask;
            },
            (response, settings)
        );

    static string ClientOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "a local client";

    Task DenyAsync(HttpContext context, Refusal? counted, int status, string reason)
    {
        if (counted is { } refusal)
            refusals.Count(refusal, ClientOf(context));
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(reason + "\n");
    }

    Task<PasswordCheck> CheckAsync(HttpContext context, WebSettings current) =>
        Credentials(context.Request.Headers.Authorization) is var (user, password)
            ? _passwords.CheckAsync(
                current.Users,
                user,
                password,
                context.Connection.RemoteIpAddress ?? IPAddress.None,
                context.RequestAborted
            )
            : Task.FromResult(PasswordCheck.Wrong);

    /// <summary>
    /// Returns the user and the password of an Authorization header (RFC 7617); null when it has none.
    /// </summary>
    internal static (string User, string Password)? Credentials(string? header)
    {
        const string scheme = "Basic ";
        if (header is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[scheme.Length..].Trim(), bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : (text[..colon], text[(colon + 1)..]);
    }

    bool IsWithin(RequestRate? rate)
    {
        lock (_lock)
        {
            if (rate != _rate)
            {
                _limiter?.Dispose();
                _limiter = rate is null
                    ? null
                    : new(
                        new()
                        {
                            TokenLimit = rate.Burst,
                            TokensPerPeriod = 1,
                            ReplenishmentPeriod = rate.Interval,
                            AutoReplenishment = true,
                        }
                    );
                _rate = rate;
            }

            using var lease = _limiter?.AttemptAcquire();
            return lease is null or { IsAcquired: true };
        }
    }
}
