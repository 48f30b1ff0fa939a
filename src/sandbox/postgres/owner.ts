/** The only superuser. Nobody can log in as it once a container is set up; applications get ordinary roles. */
export const OWNER = 'bootstrap';
