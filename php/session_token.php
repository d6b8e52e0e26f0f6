<?php

/**
 * Mints the token that lets a student start one session, and the one that opens the dashboard
 * for staff. PHP 8.1 or later.
 *
 *     require 'session_token.php';
 *     $token = session_token($secret, $_SESSION['user_id'], $module_id, $section_id, $service_url);
 *
 * Hand it to the page that captures the camera; it is good for five minutes and one start.
 *
 *     $token = staff_token($secret, $teacher_id, [$module_id], $service_url);
 *     $link = $service_url . '/dashboard#token=' . $token;
 *
 * The secret is SESSION_TOKEN_SECRET of the service, at least 32 characters. Keep it on the server.
 */

declare(strict_types=1);

/** For a student. */
function session_token(
    string $secret,
    int|string $user_id,
    int|string $module_id,
    int|string|null $section_id,
    string $audience,
    int $seconds = 300,
    array $claims = [],
): string {
    return signed_token($secret, $claims + [
        'sub' => (string) $user_id, // a text: JWT libraries refuse a number
        'module_id' => (string) $module_id,
        'section_id' => $section_id === null ? null : (string) $section_id,
        'aud' => $audience,
        'exp' => time() + min($seconds, 300),
    ]);
}

/** For a teacher: shows these modules and no other (null: all), for twelve hours at most. */
function staff_token(
    string $secret,
    int|string $user_id,
    ?array $module_ids,
    string $audience,
    int $seconds = 4 * 3600,
): string {
    return signed_token($secret, [
        'sub' => (string) $user_id,
        'role' => 'staff',
        'module_ids' => $module_ids === null ? null : array_map(strval(...), array_values($module_ids)),
        'aud' => $audience,
        'exp' => time() + min($seconds, 12 * 3600),
    ]);
}

/** A JSON Web Token signed with HS256 (RFC 7519, RFC 7515). */
function signed_token(string $secret, array $claims): string
{
    $part = fn (array $data): string => base64url(json_encode($data, JSON_THROW_ON_ERROR));
    $once = ['iat' => time(), 'jti' => bin2hex(random_bytes(16))];
    $signed = $part(['alg' => 'HS256', 'typ' => 'JWT']) . '.' . $part($claims + $once);
    return $signed . '.' . base64url(hash_hmac('sha256', $signed, $secret, true));
}

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}
