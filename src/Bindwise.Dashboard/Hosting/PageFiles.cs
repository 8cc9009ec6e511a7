using System.IO.Compression;
using Bindwise.Dashboard.Answers;

namespace Bindwise.Dashboard.Hosting;

/// <summary>The files of the page, resources of this assembly: a name with a slash at its head is the path below the root.</summary>
internal static class PageFiles
{
    /// <summary>What answers a view's own address, as <c>/pressure</c>.</summary>
    private const string Views = "/index.html";

    /// <summary>The views that the page draws (app.js), each at an address of its own.</summary>
    private static readonly HashSet<string> ViewPaths =
    [
        "/", "/states", "/pressure", "/failed-binds", "/history", "/lab", "/matrix", "/fleet", "/why", "/explain",
    ];

    private static readonly Dictionary<string, Lazy<PageFile>> Files = typeof(PageFiles).Assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith('/'))
        .ToDictionary(static name => name, static name => new Lazy<PageFile>(() => PageFile.Load(name)));

    /// <summary>Answers with a file; at a view's address with the page, which draws it.</summary>
    public static async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (!Files.TryGetValue(ViewPaths.Contains(path) ? Views : path, out var lazy))
            throw new ProblemException(Problem.NotFound, $"nothing is served at {path}");
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            throw Problem.MethodOf(context, "GET, HEAD");
        var (file, response) = (lazy.Value, context.Response);
        response.ContentType = file.Type;
        response.Headers.CacheControl = "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.ETag = file.Tag;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var (body, encoding) = AcceptedEncodings.Has(context.Request, "br") ? (file.Brotli, "br")
            : AcceptedEncodings.Has(context.Request, "gzip") ? (file.Gzip, "gzip") : (file.Plain, null);
        response.Headers.ContentEncoding = encoding;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>A file in each encoding; compressed once, when it is asked for first.</summary>
    private sealed record PageFile(string Type, string Tag, byte[] Plain, byte[] Gzip, byte[] Brotli)
    {
        public static PageFile Load(string name)
        {
            using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(name)!;
            var plain = new byte[stream.Length];
            stream.ReadExactly(plain);
            return new PageFile(TypeOf(name), TagOf(plain), plain,
                Compress(plain, static output => new GZipStream(output, CompressionLevel.SmallestSize)),
                Compress(plain, static output => new BrotliStream(output, CompressionLevel.SmallestSize)));
        }

        private static byte[] Compress(byte[] plain, Func<Stream, Stream> open)
        {
            var output = new MemoryStream();
            using (var stream = open(output))
                stream.Write(plain);
            return output.ToArray();
        }

        // FNV-1a: .NET's own hashes of that length need OpenSSL, which small systems lack. Weak, since the encodings share it.
        private static string TagOf(byte[] content)
        {
            var hash = 14695981039346656037UL;
            foreach (var one in content)
                hash = unchecked((hash ^ one) * 1099511628211UL);
            return string.Create(CultureInfo.InvariantCulture, $"W/\"{hash:x16}\"");
        }

        private static string TypeOf(string name) => Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" or ".mjs" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".json" => "application/json",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".ico" => "image/x-icon",
            ".woff2" => "font/woff2",
            ".webmanifest" => "application/manifest+json",
            ".txt" => "text/plain; charset=utf-8",
            ".md" => "text/markdown; charset=utf-8",
            _ => "application/octet-stream",
        };
    }
}
