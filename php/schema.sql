-- The table that the eye tracking sessions of a site are kept in. For a new site;
-- where the table exists already, run migrate.sql instead.
-- MariaDB 10.3 or later, MySQL 8.0 or later.

CREATE TABLE IF NOT EXISTS eye_tracking_sessions (
    id INT NOT NULL AUTO_INCREMENT,
    user_id INT NOT NULL,
    module_id INT NOT NULL,
    section_id INT DEFAULT NULL,
    total_time_seconds INT DEFAULT 0,
    focused_time_seconds INT DEFAULT 0,
    unfocused_time_seconds INT DEFAULT 0,
    session_type ENUM('viewing', 'pause', 'resume') DEFAULT 'viewing',
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_updated TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    session_data TEXT DEFAULT NULL,
    -- One row a session, however often its record is posted. NULL for rows of old callers,
    -- and a unique key takes any number of NULLs.
    session_uuid CHAR(36) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
    -- Which of the session's records the row holds: a lower one changes nothing.
    seq INT UNSIGNED DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uq_eye_tracking_sessions_session_uuid (session_uuid),
    KEY ix_eye_tracking_sessions_user_module_section (user_id, module_id, section_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
