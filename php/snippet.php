<?php

/**
 * All that a lesson's page needs: the eye-tracking element, and the token it asks for.
 *
 *     <?php $module_id = 3; $section_id = 2; require 'snippet.php'; ?>
 *
 * The browser fetches a fresh token from this same file when the student starts, for the student
 * who is signed in: $_SESSION['user_id']. So it lies where the web server runs it, beside
 * session_token.php. Settings, from the environment or from eye_config.php beside it, which
 * returns an array:
 *
 *     EYE_SERVICE_URL       where the service answers: https://eyes.example.org
 *     SESSION_TOKEN_SECRET  the service's own; it never leaves this server
 *     EYE_TOKEN_AUDIENCE    the service's SESSION_TOKEN_AUDIENCE, where that is not its address
 *     EYE_TOKEN_URL         this file's own address, where it lies outside of the site (an alias)
 *
 * It may be a symbolic link, or in a folder that is one; eye_config.php lies beside the link then,
 * or beside the file.
 */

declare(strict_types=1);

require_once __DIR__ . '/session_token.php';

(static function (mixed $module_id, mixed $section_id): void {
    $link = link_to_this_file();
    $beside = array_filter([dirname($link ?? __FILE__), __DIR__], static fn (string $folder): bool =>
        is_file($folder . '/eye_config.php'));
    $config = $beside === [] ? [] : require reset($beside) . '/eye_config.php';
    $setting = static fn (string $name): ?string => $config[$name] ?? (getenv($name) ?: null);
    $service = rtrim((string) $setting('EYE_SERVICE_URL'), '/');

    if (realpath((string) $_SERVER['SCRIPT_FILENAME']) === __FILE__) {
        answer_with_token($setting, $service);
        return;
    }
    $path = $setting('EYE_TOKEN_URL') ?? ($link === null ? null : address_of($link));
    if ($path === null) {
        throw new RuntimeException('snippet.php lies outside of the site: set EYE_TOKEN_URL');
    }
    $ids = ['module_id' => $module_id, 'section_id' => $section_id];
    $text = static fn (mixed $value): string => htmlspecialchars((string) $value, ENT_QUOTES);
    printf('<script src="%s/lib/eye-session.iife.js" defer></script>' . "\n", $text($service));
    printf(
        '<eye-session service-url="%s" token-url="%s" module-id="%s" section-id="%s"></eye-session>',
        $text($service),
        $text($path . '?' . http_build_query($ids)),
        $text($module_id),
        $text($section_id),
    );
})($module_id ?? null, $section_id ?? null);

/** This file as the web server sees it: links are not resolved. Null where it is not in the site. */
function link_to_this_file(): ?string
{
    $script = str_replace('\\', '/', (string) $_SERVER['SCRIPT_FILENAME']);
    $root = rtrim(str_replace('\\', '/', (string) $_SERVER['DOCUMENT_ROOT']), '/');
    if (realpath($script) === __FILE__) {
        return $script;
    }
    $own = str_replace('\\', '/', __FILE__);
    $real = str_replace('\\', '/', (string) realpath($root));
    if (str_starts_with($own, $real . '/')) {
        return $root . substr($own, strlen($real));
    }
    // A link somewhere between the page that includes this file and the site's root.
    $name = '/' . basename(__FILE__);
    for ($folder = dirname($script); strlen($folder) >= strlen($root); $folder = dirname($folder)) {
        foreach (['', '/*', '/*/*'] as $below) {
            foreach (glob($folder . $below . $name) ?: [] as $found) {
                if (realpath($found) === __FILE__) {
                    return $found;
                }
            }
        }
        if ($folder === dirname($folder)) {
            break;
        }
    }
    return null;
}

/** The path that a browser asks for. */
function address_of(string $file): ?string
{
    $root = rtrim(str_replace('\\', '/', (string) $_SERVER['DOCUMENT_ROOT']), '/');
    return str_starts_with($file, $root . '/') ? substr($file, strlen($root)) : null;
}

/** The token of the student who is signed in, as JSON; 401 for anybody else. */
function answer_with_token(callable $setting, string $service): void
{
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    session_start(['read_and_close' => true]);
    $user = $_SESSION['user_id'] ?? null;
    $module = (string) ($_GET['module_id'] ?? '');
    $section = (string) ($_GET['section_id'] ?? '');
    if ($user === null || $module === '') {
        http_response_code($user === null ? 401 : 400);
        echo '{"error": "sign in, and name a module_id"}';
        return;
    }
    $audience = $setting('EYE_TOKEN_AUDIENCE') ?? $service;
    $secret = (string) $setting('SESSION_TOKEN_SECRET');
    $token = session_token($secret, $user, $module, $section === '' ? null : $section, $audience);
    echo json_encode(['token' => $token], JSON_THROW_ON_ERROR);
}
